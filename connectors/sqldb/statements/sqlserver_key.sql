-- The columns of a table's primary key, in their order.
select columns.name
from sys.indexes as indexes
inner join sys.index_columns as index_columns
    on indexes.object_id = index_columns.object_id and indexes.index_id = index_columns.index_id
inner join sys.columns as columns
    on index_columns.object_id = columns.object_id and index_columns.column_id = columns.column_id
where
    indexes.object_id = convert(int, @p1)
    and indexes.is_primary_key = 1
order by index_columns.key_ordinal
