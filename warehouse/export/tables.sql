-- The tables and views of the star and the marts, with their columns in order.
select
    columns.schema_name,
    columns.table_name,
    coalesce(tables.comment, views.comment, '') as table_comment,
    columns.column_name,
    columns.data_type,
    coalesce(columns.comment, '') as column_comment
from duckdb_columns() as columns
left join duckdb_tables() as tables
    on columns.database_name = tables.database_name
    and columns.schema_name = tables.schema_name
    and columns.table_name = tables.table_name
left join duckdb_views() as views
    on columns.database_name = views.database_name
    and columns.schema_name = views.schema_name
    and columns.table_name = views.view_name
where columns.schema_name in ('core', 'marts')
    and columns.database_name = current_database()
order by columns.schema_name, columns.table_name, columns.column_index
