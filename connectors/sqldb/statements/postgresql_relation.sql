-- A table or view by its quoted name: whether it is there, its primary key and a mark of what a view selects.
select
    cast(relation.oid as text) as oid,
    (
        select string_agg(pg_attribute.attname, e'\n' order by position.n)
        from pg_index
        cross join lateral unnest(pg_index.indkey) with ordinality as position (attnum, n)
        inner join pg_attribute
            on pg_attribute.attrelid = relation.oid and pg_attribute.attnum = position.attnum
        where pg_index.indrelid = relation.oid and pg_index.indisprimary
    ) as key,
    case when relation.relkind in ('v', 'm') then md5(pg_get_viewdef(relation.oid)) end as view_mark
from pg_class as relation
where relation.oid = to_regclass($1)
