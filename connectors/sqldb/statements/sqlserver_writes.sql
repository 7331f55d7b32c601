-- To what the account could write; empty where to nothing. No session of SQL Server can be made to read alone.
with writable as (
    select quotename(object_schema_name(objects.object_id)) + '.' + quotename(objects.name) as name
    from sys.objects as objects
    cross join (values ('INSERT'), ('UPDATE'), ('DELETE')) as rights (name)
    where
        objects.type in ('U', 'V')
        and has_perms_by_name(
            quotename(object_schema_name(objects.object_id)) + '.' + quotename(objects.name), 'OBJECT', rights.name
        ) = 1
),

database_rights as (
    select permission_name from sys.fn_my_permissions(null, 'DATABASE')
)

select
    case
        when is_srvrolemember('sysadmin') = 1
            then 'everything, as it is a sysadmin'
        when exists (
            select 1 from database_rights where permission_name in ('CONTROL', 'ALTER', 'INSERT', 'UPDATE', 'DELETE')
        )
            then 'every table of the database'
        when count(*) > 0
            then convert(varchar(12), count(distinct name)) + ' tables and views, ' + min(name) + ' among them'
        when exists (select 1 from database_rights where permission_name = 'EXECUTE')
            then 'whatever the stored procedures of the database write to'
        else ''
    end as what
from writable
