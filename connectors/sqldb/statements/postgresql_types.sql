-- A type by its number and modifier: in words, and by its name.
select
    format_type(pg_type.oid, cast($2 as integer)) as type,
    cast(coalesce(base.typname, pg_type.typname) as text) as type_name
from pg_type
left join pg_type as base
    on pg_type.typbasetype = base.oid
where pg_type.oid = cast(cast($1 as bigint) as oid)
