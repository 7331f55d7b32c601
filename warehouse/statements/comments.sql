-- What the tables and views of the ledger are described as.
select table_name, comment
from duckdb_tables()
where database_name = current_database() and schema_name = 'meta' and comment is not null
union all
select view_name, comment
from duckdb_views()
where database_name = current_database() and schema_name = 'meta' and comment is not null
order by 1
