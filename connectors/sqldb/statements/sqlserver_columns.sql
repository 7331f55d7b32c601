-- The columns of a table or view, in their order. A type that users named is told as what it is made of. Of some columns an
-- account does not see what is stored: those of which it lacks the key, and those that the server masks for it.
select
    columns.name,
    coalesce(base.name, types.name) + case
        when base.name in ('decimal', 'numeric')
            then '(' + convert(varchar(3), columns.[precision]) + ',' + convert(varchar(3), columns.scale) + ')'
        when base.name in ('time', 'datetime2', 'datetimeoffset')
            then '(' + convert(varchar(3), columns.scale) + ')'
        when base.name in ('char', 'varchar', 'binary', 'varbinary', 'nchar', 'nvarchar') and columns.max_length = -1
            then '(max)'
        when base.name in ('char', 'varchar', 'binary', 'varbinary')
            then '(' + convert(varchar(5), columns.max_length) + ')'
        when base.name in ('nchar', 'nvarchar')
            then '(' + convert(varchar(5), columns.max_length / 2) + ')'
        else ''
    end as type,
    convert(int, columns.is_nullable) as is_nullable,
    coalesce(columns.collation_name, '') as collation_name,
    case
        when columns.encryption_type is not null
            then 'encrypted'
        when columns.is_masked = 1 and has_perms_by_name(db_name(), 'DATABASE', 'UNMASK') = 0
            then 'masked'
    end as hidden
from sys.columns as columns
inner join sys.types as types
    on columns.user_type_id = types.user_type_id
left join sys.types as base
    on types.system_type_id = base.user_type_id
where columns.object_id = convert(int, @p1)
order by columns.column_id
