-- What a query gives, without running it: its columns, or why the server does not take it.
select
    described.name,
    described.system_type_name,
    convert(int, described.is_nullable) as is_nullable,
    coalesce(described.collation_name, '') as collation_name,
    described.error_message
from sys.dm_exec_describe_first_result_set(@p1, null, 0) as described
order by described.column_ordinal
