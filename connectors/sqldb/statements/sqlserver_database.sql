-- Whether readers see one snapshot: where the database allows it, and where nothing in it can change.
select
    convert(int, snapshot_isolation_state) as snapshot_isolation_state,
    case when convert(nvarchar(128), databasepropertyex(name, 'Updateability')) = 'READ_ONLY' then 1 else 0 end as is_read_only
from sys.databases
where database_id = db_id()
