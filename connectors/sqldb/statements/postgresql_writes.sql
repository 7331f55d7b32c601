-- To what the account could write, were its session not read-only; empty where to nothing.
with writable as (
    select quote_ident(pg_namespace.nspname) || '.' || quote_ident(pg_class.relname) as name
    from pg_class
    inner join pg_namespace
        on pg_class.relnamespace = pg_namespace.oid
    where
        pg_class.relkind in ('r', 'p', 'v', 'f')
        and pg_namespace.nspname not in ('pg_catalog', 'information_schema')
        and pg_namespace.nspname not like 'pg_t%'
        and has_schema_privilege(pg_namespace.oid, 'USAGE')
        and has_table_privilege(pg_class.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
)

select
    case
        when (select rolsuper from pg_roles where rolname = current_user)
            then 'everything, as it is a superuser'
        when count(*) > 0
            then count(*) || ' tables and views, ' || min(name) || ' among them'
        else ''
    end as what
from writable
