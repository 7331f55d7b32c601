-- What a statement may read, had it the schema: the tables and views that someone made, not those of the engine.
select database_name, schema_name, table_name
from duckdb_tables()
where not internal and not temporary
union all
select database_name, schema_name, view_name
from duckdb_views()
where not internal and not temporary
