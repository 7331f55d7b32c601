-- The primary key of a table or view and a mark of what a view selects. An empty schema is that of the connection.
select
    (
        select group_concat(column_name order by seq_in_index separator '\n')
        from information_schema.statistics
        where
            table_schema = coalesce(nullif(?, ''), database())
            and table_name = ?
            and index_name = 'PRIMARY'
    ) as primary_key,
    (
        select md5(nullif(view_definition, ''))
        from information_schema.views
        where table_schema = coalesce(nullif(?, ''), database()) and table_name = ?
    ) as view_mark
