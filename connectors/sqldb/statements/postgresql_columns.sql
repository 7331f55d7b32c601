-- The columns of a table or view by its quoted name, in their order.
select
    cast(pg_attribute.attname as text) as name,
    format_type(pg_attribute.atttypid, pg_attribute.atttypmod) as type,
    cast(coalesce(base.typname, pg_type.typname) as text) as type_name,
    cast(not pg_attribute.attnotnull as text) as is_nullable,
    cast(coalesce(pg_collation.collname, '') as text) as collation
from pg_attribute
inner join pg_type
    on pg_attribute.atttypid = pg_type.oid
left join pg_type as base
    on pg_type.typbasetype = base.oid
left join pg_collation
    on pg_attribute.attcollation = pg_collation.oid
where
    pg_attribute.attrelid = to_regclass($1)
    and pg_attribute.attnum > 0
    and not pg_attribute.attisdropped
order by pg_attribute.attnum
