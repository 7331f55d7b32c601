-- Fills information_schema from the catalogue: what the standard has for tables, columns, keys and relationships.

insert into info.information_schema_catalog_name
values ('goldthread');

insert into info.schemata (catalog_name, schema_name, schema_owner)
select 'goldthread', nspname, 'goldthread'
from pg_namespace;

insert into info.character_sets (character_set_name, character_repertoire, form_of_use, default_collate_catalog)
values ('UTF8', 'UCS', 'UTF8', 'goldthread');

insert into info.enabled_roles
values ('goldthread');

insert into info.tables (
    table_catalog, table_schema, table_name, table_type, is_insertable_into, is_typed
)
select 'goldthread', pg_namespace.nspname, pg_class.relname, if(pg_class.relkind = 'v', 'VIEW', 'BASE TABLE'), 'NO', 'NO'
from pg_class
inner join pg_namespace
    on pg_class.relnamespace = pg_namespace.oid
where pg_class.relkind in ('r', 'v');

insert into info.views (
    table_catalog, table_schema, table_name, view_definition, check_option, is_updatable, is_insertable_into,
    is_trigger_updatable, is_trigger_deletable, is_trigger_insertable_into
)
select 'goldthread', schemaname, viewname, definition, 'NONE', 'NO', 'NO', 'NO', 'NO', 'NO'
from pg_views;

insert into info.columns (
    table_catalog, table_schema, table_name, column_name, ordinal_position, column_default, is_nullable, data_type,
    character_octet_length, numeric_precision, numeric_precision_radix, numeric_scale, datetime_precision,
    udt_catalog, udt_schema, udt_name, dtd_identifier, is_self_referencing, is_identity, identity_cycle, is_generated, is_updatable
)
select
    'goldthread', pg_namespace.nspname, pg_class.relname, pg_attribute.attname, pg_attribute.attnum, null,
    if(pg_attribute.attnotnull, 'NO', 'YES'),
    if(pg_type.typcategory = 'A', 'ARRAY', format_type(pg_type.oid, null)),
    if(pg_type.oid in (25, 1043), 1073741824, null),
    case pg_type.oid
        when 21 then 16 when 23 then 32 when 20 then 64 when 700 then 24 when 701 then 53
        when 1700 then if(pg_attribute.atttypmod = -1, null, (pg_attribute.atttypmod - 4) >> 16)
    end,
    case when pg_type.oid in (21, 23, 20, 700, 701) then 2 when pg_type.oid = 1700 then 10 end,
    case
        when pg_type.oid in (21, 23, 20) then 0
        when pg_type.oid = 1700 and pg_attribute.atttypmod <> -1 then (pg_attribute.atttypmod - 4) & 65535
    end,
    case when pg_type.oid = 1082 then 0 when pg_type.oid in (1083, 1114, 1184, 1186) then 6 end,
    'goldthread', 'pg_catalog', pg_type.typname, cast(pg_attribute.attnum as varchar), 'NO', 'NO', 'NO', 'NEVER', 'NO'
from pg_attribute
inner join pg_class
    on pg_attribute.attrelid = pg_class.oid
inner join pg_namespace
    on pg_class.relnamespace = pg_namespace.oid
inner join pg_type
    on pg_attribute.atttypid = pg_type.oid
where pg_class.relkind in ('r', 'v');

insert into info.table_constraints (
    constraint_catalog, constraint_schema, constraint_name, table_catalog, table_schema, table_name, constraint_type,
    is_deferrable, initially_deferred, enforced
)
select 'goldthread', schema_name, name, 'goldthread', schema_name, relation_name, if(is_primary, 'PRIMARY KEY', 'UNIQUE'), 'NO', 'NO', 'YES'
from keys
where relation_kind = 'r'
union all
select 'goldthread', schema_name, name, 'goldthread', schema_name, relation_name, 'FOREIGN KEY', 'NO', 'NO', 'YES'
from relationships;

insert into info.key_column_usage (
    constraint_catalog, constraint_schema, constraint_name, table_catalog, table_schema, table_name, column_name,
    ordinal_position, position_in_unique_constraint
)
select 'goldthread', schema_name, name, 'goldthread', schema_name, relation_name, unnest(columns), unnest(generate_series(1, len(columns))), null
from keys
where relation_kind = 'r'
union all
select 'goldthread', schema_name, name, 'goldthread', schema_name, relation_name, columns[1], 1, 1
from relationships;

insert into info.referential_constraints (
    constraint_catalog, constraint_schema, constraint_name, unique_constraint_catalog, unique_constraint_schema,
    unique_constraint_name, match_option, update_rule, delete_rule
)
select 'goldthread', schema_name, name, 'goldthread', parent_schema, parent_key, 'NONE', 'NO ACTION', 'NO ACTION'
from relationships;

insert into info.constraint_column_usage (
    table_catalog, table_schema, table_name, column_name, constraint_catalog, constraint_schema, constraint_name
)
select 'goldthread', schema_name, relation_name, unnest(columns), 'goldthread', schema_name, name
from keys
where relation_kind = 'r'
union all
select 'goldthread', parent_schema, parent_name, parent_columns[1], 'goldthread', schema_name, name
from relationships;

insert into info.table_privileges (grantor, grantee, table_catalog, table_schema, table_name, privilege_type, is_grantable, with_hierarchy)
select 'goldthread', 'PUBLIC', 'goldthread', schema_name, name, 'SELECT', 'NO', 'YES'
from relations;

insert into info.column_privileges (grantor, grantee, table_catalog, table_schema, table_name, column_name, privilege_type, is_grantable)
select 'goldthread', 'PUBLIC', 'goldthread', schema_name, relation_name, name, 'SELECT', 'NO'
from columns_released;

drop table described;
drop table declared_keys;
drop table engine_types;
drop table keys;
drop table relationships;
drop table columns_released;
drop table relations;
drop table namespaces;
