select
    namespaces.nspname,
    types.typname,
    types.oid,
    types.typrelid,
    types.typbasetype,
    case when receivers.proname = 'array_recv' then 'a' else types.typtype end as type,
    case
        when receivers.proname = 'array_recv' then types.typelem
        when types.typtype = 'r' then ranges.rngsubtype
        else 0
    end as elemoid,
    case
        when receivers.proname in ('array_recv', 'oidvectorrecv') then 3
        when types.typtype = 'r' then 2
        when types.typtype = 'd' then 1
        else 0
    end as ord
from pg_type as types
join pg_namespace as namespaces on namespaces.oid = types.typnamespace
join pg_proc as receivers on receivers.oid = types.typreceive
left outer join pg_class as classes on classes.oid = types.typrelid
left outer join pg_type as elements on elements.oid = types.typelem
left outer join pg_class as element_classes on element_classes.oid = elements.typrelid
left outer join pg_range as ranges on ranges.rngtypid = types.oid
where
    types.typtype in ('b', 'r', 'e', 'd')
    or types.typtype = 'c' and classes.relkind = 'c'
    or types.typtype = 'p' and types.typname in ('record', 'void')
    or receivers.proname = 'array_recv' and (
        elements.typtype in ('b', 'r', 'e', 'd')
        or elements.typtype = 'p' and elements.typname in ('record', 'void')
        or elements.typtype = 'c' and element_classes.relkind = 'c'
    )
order by ord;
select types.oid, attributes.attname, attributes.atttypid
from pg_type as types
join pg_namespace as namespaces on namespaces.oid = types.typnamespace
join pg_class as classes on classes.oid = types.typrelid
join pg_attribute as attributes on attributes.attrelid = types.typrelid
where types.typtype = 'c' and classes.relkind = 'c' and attributes.attnum > 0 and not attributes.attisdropped
order by types.oid, attributes.attnum;
select types.oid, labels.enumlabel
from pg_enum as labels
join pg_type as types on types.oid = labels.enumtypid
order by types.oid, labels.enumsortorder;
