-- The columns of a table or view, in their order. An empty schema is that of the connection.
select
    column_name as name,
    column_type as type,
    data_type as type_name,
    is_nullable,
    coalesce(collation_name, '') as collation
from information_schema.columns
where table_schema = coalesce(nullif(?, ''), database()) and table_name = ?
order by ordinal_position
