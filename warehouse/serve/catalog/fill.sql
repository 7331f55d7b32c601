-- Fills the catalogue from the release. What an object is called decides its OID, so that clients which remember one find
-- the same object in the next release.

create macro stable_oid(what) as
    cast(16384 + cast('0x' || left(md5(what), 7) as uinteger) as uinteger);

create table namespaces as
select
    stable_oid('schema ' || schema_name) as oid,
    schema_name as name,
    case schema_name
        when 'marts' then 'Wide tables for reports, one for each question.'
        when 'core' then 'Facts and the dimensions they are cut by.'
        when 'meta' then 'Where the figures come from and how they were checked.'
    end as description
from duckdb_schemas()
where database_name = 'goldthread' and schema_name in ('marts', 'core', 'meta');

create table relations as
select
    stable_oid('table ' || schema_name || '.' || table_name) as oid,
    schema_name,
    table_name as name,
    'r' as kind,
    comment as description,
    estimated_size as size,
    null as definition
from duckdb_tables()
where database_name = 'goldthread' and schema_name in (select name from namespaces)
union all
select
    stable_oid('table ' || schema_name || '.' || view_name),
    schema_name,
    view_name,
    'v',
    comment,
    0,
    regexp_extract(sql, '(?is)^create view .*? as (.*?);?\s*$', 1)
from duckdb_views()
where database_name = 'goldthread' and schema_name in (select name from namespaces);

create table engine_types as
from (values
    ('BOOLEAN', 16), ('TINYINT', 21), ('UTINYINT', 21), ('SMALLINT', 21), ('USMALLINT', 23), ('INTEGER', 23),
    ('UINTEGER', 26), ('BIGINT', 20), ('UBIGINT', 1700), ('HUGEINT', 1700), ('UHUGEINT', 1700), ('FLOAT', 700), ('DOUBLE', 701),
    ('BLOB', 17), ('UUID', 2950), ('DATE', 1082), ('TIME', 1083), ('TIMESTAMP', 1114), ('TIMESTAMP_S', 1114),
    ('TIMESTAMP_MS', 1114), ('TIMESTAMP_NS', 1114), ('TIMESTAMP WITH TIME ZONE', 1184), ('INTERVAL', 1186)
) as listed (name, oid);

create table columns_released as
with plain as (
    select
        relations.oid as relation,
        relations.schema_name,
        relations.name as relation_name,
        relations.kind,
        held.column_name as name,
        cast(held.column_index as smallint) as number,
        held.comment as description,
        regexp_replace(held.data_type, '\[\d*\]$', '') as element,
        held.data_type like '%]' as is_array,
        held.numeric_precision as decimal_precision,
        held.numeric_scale as decimal_scale
    from duckdb_columns() as held
    inner join relations
        on held.schema_name = relations.schema_name and held.table_name = relations.name
    where held.database_name = 'goldthread'
),

typed as (
    select
        plain.*,
        case
            when plain.element like 'DECIMAL(%' then 1700
            else coalesce(engine_types.oid, 25)
        end as element_oid
    from plain
    left join engine_types
        on plain.element = engine_types.name
)

select
    typed.relation,
    typed.schema_name,
    typed.relation_name,
    typed.kind,
    typed.name,
    typed.number,
    typed.description,
    types.oid as type,
    case
        when typed.element like 'DECIMAL(%' and not typed.is_array
            then cast(((typed.decimal_precision << 16) | typed.decimal_scale) + 4 as integer)
        else -1
    end as modifier,
    typed.decimal_precision,
    typed.decimal_scale,
    exists (
        select 1
        from declared_keys
        where declared_keys.model = typed.schema_name || '.' || typed.relation_name
            and declared_keys.kind = 'not_null'
            and list_contains(declared_keys.columns, typed.name)
    ) as is_required
from typed
inner join pg_type as elements
    on typed.element_oid = elements.oid
inner join pg_type as types
    on types.oid = if(typed.is_array, elements.typarray, elements.oid);

-- Keys: that of the grain is the primary one where none of its columns may be null.
create table keys as
with numbered as (
    select
        declared_keys.model,
        declared_keys.kind,
        declared_keys.columns,
        list(columns_released.number order by list_position(declared_keys.columns, columns_released.name)) as numbers,
        list(columns_released.type order by list_position(declared_keys.columns, columns_released.name)) as types,
        bool_and(columns_released.is_required) as is_required,
        any_value(columns_released.relation) as relation,
        any_value(columns_released.schema_name) as schema_name,
        any_value(columns_released.relation_name) as relation_name,
        any_value(columns_released.kind) as relation_kind
    from declared_keys
    inner join columns_released
        on declared_keys.model = columns_released.schema_name || '.' || columns_released.relation_name
            and list_contains(declared_keys.columns, columns_released.name)
    where declared_keys.kind in ('grain', 'unique')
    group by declared_keys.model, declared_keys.kind, declared_keys.columns
    having count(*) = len(any_value(declared_keys.columns))
)

select
    numbered.*,
    kind = 'grain' and is_required as is_primary,
    relation_name || case
        when kind = 'grain' and is_required then '_pkey'
        else '_' || array_to_string(columns, '_') || '_key'
    end as name,
    stable_oid('key ' || model || ' ' || array_to_string(columns, ',')) as oid,
    stable_oid('index ' || model || ' ' || array_to_string(columns, ',')) as index_oid
from numbered;

-- Relationships, to a column that is a key of its table.
create table relationships as
select
    declared_keys.model,
    declared_keys.columns,
    children.relation,
    children.schema_name,
    children.relation_name,
    [children.number] as numbers,
    children.relation_name || '_' || children.name || '_fkey' as name,
    keys.relation as parent,
    keys.numbers as parent_numbers,
    keys.name as parent_key,
    keys.index_oid as parent_index,
    keys.schema_name as parent_schema,
    keys.relation_name as parent_name,
    declared_keys.parent_columns,
    children.type,
    stable_oid('relationship ' || declared_keys.model || ' ' || children.name || ' ' || declared_keys.parent) as oid
from declared_keys
inner join columns_released as children
    on declared_keys.model = children.schema_name || '.' || children.relation_name
        and declared_keys.columns = [children.name]
inner join keys
    on declared_keys.parent = keys.model and declared_keys.parent_columns = keys.columns
where declared_keys.kind = 'relationship';

insert into pg_namespace (oid, nspname, nspowner)
select oid, name, 10 from namespaces
union all
values (11, 'pg_catalog', 10), (13000, 'information_schema', 10);

insert into pg_class (
    oid, relname, relnamespace, reltype, reloftype, relowner, relam, relfilenode, reltablespace, relpages, reltuples,
    relallvisible, reltoastrelid, relhasindex, relisshared, relpersistence, relkind, relnatts, relchecks, relhasrules,
    relhastriggers, relhassubclass, relrowsecurity, relforcerowsecurity, relispopulated, relreplident, relispartition,
    relrewrite, relfrozenxid, relminmxid
)
with listed as (
    select
        relations.oid,
        relations.name,
        namespaces.oid as namespace,
        relations.kind,
        relations.size,
        (select count(*) from columns_released where columns_released.relation = relations.oid) as columns,
        exists (select 1 from keys where keys.relation = relations.oid and keys.relation_kind = 'r') as is_indexed,
        relations.kind = 'v' as has_rules,
        exists (select 1 from relationships where relations.oid in (relationships.relation, relationships.parent)) as has_triggers
    from relations
    inner join namespaces
        on relations.schema_name = namespaces.name
    union all
    select keys.index_oid, keys.name, namespaces.oid, 'i', 0, len(keys.numbers), false, false, false
    from keys
    inner join namespaces
        on keys.schema_name = namespaces.name
    where keys.relation_kind = 'r'
    union all
    select relation, any_value(name), if(any_value(schema_name) = 'pg_catalog', 11, 13000), any_value(kind), 0, count(*), false, any_value(kind) = 'v', false
    from described
    group by relation
)

select
    oid, name, namespace, 0, 0, 10, case kind when 'r' then 2 when 'i' then 403 else 0 end, oid, 0, 1, size,
    0, 0, is_indexed, false, 'p', kind, columns, 0, has_rules,
    has_triggers, false, false, false, true, if(kind = 'r', 'd', 'n'), false,
    0, 0, 0
from listed;

insert into pg_attribute (
    attrelid, attname, atttypid, attstattarget, attlen, attnum, attndims, attcacheoff, atttypmod, attbyval, attalign,
    attstorage, attcompression, attnotnull, atthasdef, atthasmissing, attidentity, attgenerated, attisdropped, attislocal,
    attinhcount, attcollation
)
with listed as (
    select relation, name, type, number, modifier, is_required
    from columns_released
    union all
    select keys.index_oid, columns_released.name, columns_released.type, list_position(keys.numbers, columns_released.number), columns_released.modifier, false
    from keys
    inner join columns_released
        on keys.relation = columns_released.relation and list_contains(keys.numbers, columns_released.number)
    where keys.relation_kind = 'r'
    union all
    select described.relation, described.column_name, coalesce(pg_type.oid, 25), described.number, -1, false
    from described
    left join pg_type
        on pg_type.typname = case
            when described.type like '%[]' then '_' || regexp_replace(described.type, '\[\]$', '')
            else case described.type
                when 'boolean' then 'bool' when 'smallint' then 'int2' when 'integer' then 'int4' when 'bigint' then 'int8'
                when 'real' then 'float4' when 'timestamp with time zone' then 'timestamptz' else described.type
            end
        end
)

select
    listed.relation, listed.name, listed.type, -1, types.typlen, listed.number, if(types.typcategory = 'A', 1, 0), -1, listed.modifier, types.typbyval, types.typalign,
    types.typstorage, '', listed.is_required, false, false, '', '', false, true,
    0, types.typcollation
from listed
inner join pg_type as types
    on listed.type = types.oid;

insert into pg_description (objoid, classoid, objsubid, description)
select oid, 1259, 0, description from relations where description is not null
union all
select relation, 1259, number, description from columns_released where description is not null
union all
select oid, 2615, 0, description from namespaces where description is not null;

insert into pg_constraint (
    oid, conname, connamespace, contype, condeferrable, condeferred, convalidated, conrelid, contypid, conindid, conparentid,
    confrelid, confupdtype, confdeltype, confmatchtype, conislocal, coninhcount, connoinherit, conkey, confkey
)
select
    keys.oid, keys.name, namespaces.oid, if(keys.is_primary, 'p', 'u'), false, false, true, keys.relation, 0, keys.index_oid, 0,
    0, ' ', ' ', ' ', true, 0, true, keys.numbers, null
from keys
inner join namespaces
    on keys.schema_name = namespaces.name
where keys.relation_kind = 'r'
union all
select
    relationships.oid, relationships.name, namespaces.oid, 'f', false, false, true, relationships.relation, 0, relationships.parent_index, 0,
    relationships.parent, 'a', 'a', 's', true, 0, true, relationships.numbers, relationships.parent_numbers
from relationships
inner join namespaces
    on relationships.schema_name = namespaces.name;

insert into pg_index (
    indexrelid, indrelid, indnatts, indnkeyatts, indisunique, indnullsnotdistinct, indisprimary, indisexclusion, indimmediate,
    indisclustered, indisvalid, indcheckxmin, indisready, indislive, indisreplident, indkey, indcollation, indclass, indoption
)
select
    index_oid, relation, len(numbers), len(numbers), true, false, is_primary, false, true,
    false, true, false, true, true, false, array_to_string(numbers, ' '), array_to_string(list_transform(numbers, lambda n: 0), ' '),
    array_to_string(list_transform(types, lambda t: case t when 23 then 1978 when 20 then 3124 when 21 then 1979 else 3126 end), ' '),
    array_to_string(list_transform(numbers, lambda n: 0), ' ')
from keys
where relation_kind = 'r';

insert into pg_depend (classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype)
select 1259, oid, 0, 2615, relnamespace, 0, 'n'
from pg_class
where relnamespace not in (11, 13000) and relkind in ('r', 'v');

insert into pg_database (
    oid, datname, datdba, encoding, datlocprovider, datistemplate, datallowconn, datconnlimit, datfrozenxid, datminmxid,
    dattablespace, datcollate, datctype
)
values (16383, 'goldthread', 10, 6, 'c', false, true, -1, 0, 0, 1663, 'C', 'C');

insert into pg_settings (name, setting, category, short_desc, context, vartype, source, boot_val, reset_val, pending_restart)
select
    name, value, 'Goldthread', '', 'user',
    case when value in ('on', 'off') then 'bool' when regexp_full_match(value, '\d+') then 'integer' else 'string' end, 'default', value, value, false
from set_values;

insert into pg_timezone_names (name, abbrev, utc_offset, is_dst)
select name, abbrev, utc_offset, is_dst from pg_timezone_names();

insert into pg_tables (schemaname, tablename, tableowner, hasindexes, hasrules, hastriggers, rowsecurity)
select pg_namespace.nspname, pg_class.relname, 'goldthread', pg_class.relhasindex, pg_class.relhasrules, pg_class.relhastriggers, false
from pg_class
inner join pg_namespace
    on pg_class.relnamespace = pg_namespace.oid
where pg_class.relkind = 'r';

insert into pg_views (schemaname, viewname, viewowner, definition)
select schema_name, name, 'goldthread', definition
from relations
where kind = 'v';

insert into pg_indexes (schemaname, tablename, indexname, indexdef)
select
    schema_name, relation_name, name,
    'CREATE UNIQUE INDEX ' || name || ' ON ' || model || ' USING btree (' || array_to_string(columns, ', ') || ')'
from keys
where relation_kind = 'r';

insert into pg_stat_user_tables (relid, schemaname, relname, n_live_tup, n_dead_tup)
select oid, schema_name, name, size, 0
from relations
where kind = 'r';

insert into pg_stat_all_tables
from pg_stat_user_tables;
