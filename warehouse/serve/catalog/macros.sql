-- PostgreSQL's functions for its catalogue, and those that its users write and the engine has under another name or not at
-- all. The names of parameters and of tables within are odd on purpose: a macro's text is put into the caller's, where a
-- plain name would be taken for one of the caller's columns.

create macro quote_ident(_name) as if(
    regexp_full_match(_name, '[a-z_][a-z0-9_$]*'), _name, '"' || replace(_name, '"', '""') || '"'
);
create macro pg_vector(_vector) as list_transform(
    list_filter(string_split(_vector, ' '), lambda _w: _w <> ''), lambda _w: cast(_w as integer)
);

create macro format_type(_type, _modifier) as (
    select case
        when _type = 0 or _type is null then null
        else coalesce((
            select case
                when _e.typname is not null then case _e.typname
                    when 'bool' then 'boolean' when 'int2' then 'smallint' when 'int4' then 'integer' when 'int8' then 'bigint'
                    when 'float4' then 'real' when 'float8' then 'double precision' when 'varchar' then 'character varying'
                    when 'bpchar' then 'character' when 'timestamp' then 'timestamp without time zone'
                    when 'timestamptz' then 'timestamp with time zone' when 'time' then 'time without time zone'
                    when 'timetz' then 'time with time zone' when 'varbit' then 'bit varying' when 'char' then '"char"'
                    else _e.typname
                end || case
                    when _e.typname = 'numeric' and _modifier > 4
                        then '(' || ((_modifier - 4) >> 16) || ',' || ((_modifier - 4) & 65535) || ')'
                    when _e.typname in ('varchar', 'bpchar') and _modifier > 4 then '(' || (_modifier - 4) || ')'
                    else ''
                end || if(_t.typcategory = 'A', '[]', '')
            end
            from pgc.pg.pg_type as _t
            inner join pgc.pg.pg_type as _e
                on _e.oid = if(_t.typcategory = 'A', _t.typelem, _t.oid)
            where _t.oid = _type
        ), '???')
    end
);

-- What a name means: the OID of a relation, a type, a function or a schema, null where there is none.
create table meanings as
with spelled as (
    select 'class' as kind, pg_class.oid, unnest([pg_class.relname, pg_namespace.nspname || '.' || pg_class.relname]) as name
    from pg_class
    inner join pg_namespace
        on pg_class.relnamespace = pg_namespace.oid
    union all
    select 'type', types.oid, unnest([types.typname, format_type(types.oid, null), case format_type(types.oid, null)
        when 'integer' then 'int' when 'numeric' then 'decimal' when 'timestamp without time zone' then 'timestamp'
        else if(elements.typname is null, types.typname, elements.typname || '[]')
    end])
    from pg_type as types
    left join pg_type as elements
        on types.typcategory = 'A' and types.typelem = elements.oid
    union all
    select 'proc', oid, proname from pg_proc
    union all
    select 'namespace', oid, nspname from pg_namespace
)

select kind, name, min(oid) as oid
from (
    select kind, name, oid from spelled
    union all
    select kind, 'pg_catalog.' || name, oid from spelled where kind in ('type', 'proc')
    union all
    select distinct kind, cast(oid as varchar), oid from spelled
)
group by kind, name;
create macro to_regclass(_name) as (
    select _m.oid from pgc.pg.meanings as _m where _m.kind = 'class' and _m.name = replace(cast(_name as varchar), '"', '')
);
create macro to_regtype(_name) as (
    select _m.oid from pgc.pg.meanings as _m where _m.kind = 'type' and _m.name = replace(cast(_name as varchar), '"', '')
);
create macro to_regproc(_name) as (
    select _m.oid from pgc.pg.meanings as _m where _m.kind = 'proc' and _m.name = replace(cast(_name as varchar), '"', '')
);
create macro to_regnamespace(_name) as (
    select _m.oid from pgc.pg.meanings as _m where _m.kind = 'namespace' and _m.name = replace(cast(_name as varchar), '"', '')
);
create macro to_regrole(_name) as if(replace(cast(_name as varchar), '"', '') in ('goldthread', '10'), cast(10 as uinteger), null);

-- The name of what has an OID, as casting it to regclass and the like prints it.
create macro name_of_class(_oid) as coalesce((
    select if(_n.nspname in ('pg_catalog', 'marts', 'core', 'meta'), '', _n.nspname || '.') || _c.relname
    from pgc.pg.pg_class as _c
    inner join pgc.pg.pg_namespace as _n
        on _c.relnamespace = _n.oid
    where _c.oid = _oid
), if(_oid = 0, '-', cast(_oid as varchar)));
create macro name_of_proc(_oid) as coalesce((
    select _p.proname from pgc.pg.pg_proc as _p where _p.oid = _oid
), if(_oid = 0, '-', cast(_oid as varchar)));
create macro name_of_namespace(_oid) as coalesce((
    select _n.nspname from pgc.pg.pg_namespace as _n where _n.oid = _oid
), cast(_oid as varchar));
create macro name_of_type(_oid) as coalesce(format_type(_oid, null), '-');

create macro pg_get_userbyid(_oid) as if(_oid = 10, 'goldthread', 'unknown (OID=' || _oid || ')');
create macro pg_table_is_visible(_oid) as exists (
    select 1 from pgc.pg.pg_class as _c where _c.oid = _oid and _c.relnamespace <> 13000
);
create macro pg_type_is_visible(_oid) as true;
create macro pg_function_is_visible(_oid) as true;
create macro pg_collation_is_visible(_oid) as true;
create macro pg_opclass_is_visible(_oid) as true;
create macro pg_opfamily_is_visible(_oid) as true;
create macro pg_operator_is_visible(_oid) as true;
create macro pg_conversion_is_visible(_oid) as true;
create macro pg_statistics_obj_is_visible(_oid) as true;
create macro pg_ts_config_is_visible(_oid) as true;
create macro pg_ts_dict_is_visible(_oid) as true;
create macro pg_ts_parser_is_visible(_oid) as true;
create macro pg_ts_template_is_visible(_oid) as true;
create macro obj_description
    (_oid) as (select min(_d.description) from pgc.pg.pg_description as _d where _d.objoid = _oid and _d.objsubid = 0),
    (_oid, _catalog) as (
        select min(_d.description)
        from pgc.pg.pg_description as _d
        where _d.objoid = _oid and _d.objsubid = 0 and _d.classoid = to_regclass(_catalog)
    );
create macro col_description(_oid, _number) as (
    select min(_d.description) from pgc.pg.pg_description as _d where _d.objoid = _oid and _d.objsubid = _number and _d.classoid = 1259
);
create macro shobj_description(_oid, _catalog) as cast(null as varchar);
create macro pg_get_expr
    (_node, _relation) as cast(null as varchar),
    (_node, _relation, _pretty) as cast(null as varchar);
create macro key_columns(_relation, _numbers) as (
    select string_agg(quote_ident(_a.attname), ', ' order by list_position(_numbers, _a.attnum))
    from pgc.pg.pg_attribute as _a
    where _a.attrelid = _relation and list_contains(_numbers, _a.attnum)
);
create macro quote_literal(_text) as '''' || replace(cast(_text as varchar), '''', '''''') || '''';
create macro quote_nullable(_text) as coalesce(quote_literal(_text), 'NULL');
create macro constraint_text(_oid) as (
    select case _k.contype
        when 'p' then 'PRIMARY KEY (' || key_columns(_k.conrelid, _k.conkey) || ')'
        when 'u' then 'UNIQUE (' || key_columns(_k.conrelid, _k.conkey) || ')'
        else 'FOREIGN KEY (' || key_columns(_k.conrelid, _k.conkey) || ') REFERENCES ' || name_of_class(_k.confrelid)
            || '(' || key_columns(_k.confrelid, _k.confkey) || ')'
    end
    from pgc.pg.pg_constraint as _k
    where _k.oid = _oid
);
create macro pg_get_constraintdef
    (_oid) as constraint_text(_oid),
    (_oid, _pretty) as constraint_text(_oid);
create macro index_text(_oid) as (
    select 'CREATE UNIQUE INDEX ' || _c.relname || ' ON ' || _s.nspname || '.' || name_of_class(_x.indrelid) || ' USING btree ('
        || key_columns(_x.indrelid, pg_vector(_x.indkey)) || ')'
    from pgc.pg.pg_index as _x
    inner join pgc.pg.pg_class as _c
        on _x.indexrelid = _c.oid
    inner join pgc.pg.pg_namespace as _s
        on _c.relnamespace = _s.oid
    where _x.indexrelid = _oid
);
create macro pg_get_indexdef
    (_oid) as index_text(_oid),
    (_oid, _number, _pretty) as if(_number = 0, index_text(_oid), (
        select quote_ident(_a.attname) from pgc.pg.pg_attribute as _a where _a.attrelid = _oid and _a.attnum = _number
    ));
create macro view_text(_oid) as (
    select _v.definition
    from pgc.pg.pg_views as _v
    inner join pgc.pg.pg_class as _c
        on _v.viewname = _c.relname
    inner join pgc.pg.pg_namespace as _n
        on _c.relnamespace = _n.oid and _v.schemaname = _n.nspname
    where _c.oid = _oid
);
create macro pg_get_viewdef
    (_oid) as view_text(_oid),
    (_oid, _pretty) as view_text(_oid);
create macro pg_get_ruledef
    (_oid) as cast(null as varchar),
    (_oid, _pretty) as cast(null as varchar);
create macro pg_get_triggerdef
    (_oid) as cast(null as varchar),
    (_oid, _pretty) as cast(null as varchar);
create macro pg_get_partkeydef(_oid) as cast(null as varchar);
create macro pg_get_partition_constraintdef(_oid) as cast(null as varchar);
create macro pg_get_statisticsobjdef(_oid) as cast(null as varchar);
create macro pg_get_statisticsobjdef_columns(_oid) as cast(null as varchar);
create macro pg_get_serial_sequence(_table, _column) as cast(null as varchar);
create macro pg_get_functiondef(_oid) as cast(null as varchar);
create macro oidvectortypes(_vector) as (
    select coalesce(string_agg(name_of_type(_u.one), ', ' order by _u.at), '')
    from (
        select unnest(pg_vector(_vector)) as one, unnest(generate_series(1, len(pg_vector(_vector)))) as at
    ) as _u
);
create macro pg_get_function_result(_oid) as (
    select format_type(_p.prorettype, null) from pgc.pg.pg_proc as _p where _p.oid = _oid
);
create macro pg_get_function_arguments(_oid) as (
    select oidvectortypes(_p.proargtypes) from pgc.pg.pg_proc as _p where _p.oid = _oid
);
create macro pg_get_function_identity_arguments(_oid) as pg_get_function_arguments(_oid);
create macro pg_get_function_sqlbody(_oid) as cast(null as varchar);
create macro pg_relation_is_publishable(_oid) as false;
create macro pg_relation_size
    (_oid) as cast(0 as bigint),
    (_oid, _fork) as cast(0 as bigint);
create macro pg_table_size(_oid) as cast(0 as bigint);
create macro pg_indexes_size(_oid) as cast(0 as bigint);
create macro pg_total_relation_size(_oid) as cast(0 as bigint);
create macro pg_database_size(_oid) as cast(0 as bigint);
create macro pg_tablespace_size(_oid) as cast(0 as bigint);
create macro pg_size_pretty(_size) as _size || ' bytes';
create macro pg_stat_get_numscans(_oid) as cast(0 as bigint);
create macro pg_tablespace_location(_oid) as '';
create macro pg_encoding_to_char(_encoding) as if(_encoding = 6, 'UTF8', '');
create macro pg_char_to_encoding(_name) as if(upper(_name) in ('UTF8', 'UTF-8', 'UNICODE'), 6, -1);
create macro pg_client_encoding() as 'UTF8';
create macro getdatabaseencoding() as 'UTF8';
create macro pg_is_in_recovery() as true;
create macro pg_is_other_temp_schema(_oid) as false;
create macro pg_my_temp_schema() as cast(0 as uinteger);
create macro pg_backend_pid() as coalesce(getvariable('goldthread_pid'), 0);
create macro pg_postmaster_start_time() as now();
create macro pg_conf_load_time() as now();
create macro inet_server_addr() as cast(null as varchar);
create macro inet_server_port() as cast(null as integer);
create macro inet_client_addr() as cast(null as varchar);
create macro inet_client_port() as cast(null as integer);
create macro txid_current() as cast(1 as bigint);
create macro pg_column_is_updatable(_oid, _number, _triggers) as false;
create macro pg_relation_is_updatable(_oid, _triggers) as 0;
create macro pg_partition_root(_oid) as cast(null as uinteger);
create macro pg_sequence_last_value(_oid) as cast(null as bigint);
create macro pg_typeof(_value) as case
    when typeof(_value) like 'DECIMAL%' then 'numeric'
    else case typeof(_value)
        when 'VARCHAR' then 'text' when 'DOUBLE' then 'double precision' when 'FLOAT' then 'real' when 'TIMESTAMP' then 'timestamp without time zone'
        when 'TIME' then 'time without time zone' when 'BLOB' then 'bytea' when '"NULL"' then 'unknown' when 'HUGEINT' then 'numeric'
        else lower(typeof(_value))
    end
end;

create macro is_read(_privilege) as upper(_privilege) in ('SELECT', 'USAGE', 'CONNECT');
create macro has_table_privilege
    (_table, _privilege) as is_read(_privilege),
    (_role, _table, _privilege) as is_read(_privilege);
create macro has_any_column_privilege
    (_table, _privilege) as is_read(_privilege),
    (_role, _table, _privilege) as is_read(_privilege);
create macro has_column_privilege
    (_table, _column, _privilege) as is_read(_privilege),
    (_role, _table, _column, _privilege) as is_read(_privilege);
create macro has_schema_privilege
    (_schema, _privilege) as is_read(_privilege),
    (_role, _schema, _privilege) as is_read(_privilege);
create macro has_database_privilege
    (_database, _privilege) as is_read(_privilege),
    (_role, _database, _privilege) as is_read(_privilege);
create macro has_function_privilege
    (_function, _privilege) as false,
    (_role, _function, _privilege) as false;
create macro has_sequence_privilege
    (_sequence, _privilege) as false,
    (_role, _sequence, _privilege) as false;
create macro has_tablespace_privilege
    (_tablespace, _privilege) as false,
    (_role, _tablespace, _privilege) as false;
create macro pg_has_role
    (_role, _privilege) as true,
    (_user, _role, _privilege) as true;

create macro version() as 'PostgreSQL 15.0 (Goldthread)';
create macro session_role() as coalesce(getvariable('goldthread_user'), 'goldthread');
create macro current_schemas(_implicit) as if(_implicit, ['pg_catalog', 'marts', 'core', 'meta'], ['marts', 'core', 'meta']);
create macro current_setting
    (_name) as (select min(_s.setting) from pgc.pg.pg_settings as _s where _s.name = lower(_name)),
    (_name, _missing) as (select min(_s.setting) from pgc.pg.pg_settings as _s where _s.name = lower(_name));
create macro set_config(_name, _value, _local) as cast(_value as varchar);

-- A series in a select list is a list to the engine, made in one piece: a long one is refused before it is made.
create macro short_series
    (_first, _last) as generate_series(
        cast(_first as bigint),
        if(_last - _first > 1_000_000, cast(error('a series in a select list has a million rows at most; put it after from') as bigint), cast(_last as bigint))
    ),
    (_first, _last, _step) as generate_series(
        cast(_first as bigint),
        if((_last - _first) / _step > 1_000_000, cast(error('a series in a select list has a million rows at most; put it after from') as bigint), cast(_last as bigint)),
        cast(_step as bigint)
    );
create macro generate_subscripts(_array, _dimension) as generate_series(1, len(_array));
-- Of the engine's own, with the type that PostgreSQL gives.
create macro length(_text) as cast(len(_text) as integer);
create macro strpos(_text, _part) as cast(instr(_text, _part) as integer);
create macro array_length(_array, _dimension) as cast(nullif(len(_array), 0) as integer);
create macro array_upper(_array, _dimension) as nullif(len(_array), 0);
create macro array_lower(_array, _dimension) as if(len(_array) > 0, 1, null);
create macro array_ndims(_array) as if(len(_array) > 0, 1, null);
create macro array_remove(_array, _value) as list_filter(_array, lambda _o: _o is distinct from _value);
create macro btrim
    (_text) as trim(_text),
    (_text, _characters) as trim(_text, _characters);
create macro initcap(_text) as array_to_string(list_transform(
    regexp_extract_all(_text, '[\pL\pN]+|[^\pL\pN]+'), lambda _w: upper(left(_w, 1)) || lower(_w[2:])
), '');
create macro div(_a, _b) as trunc(_a / _b);
create macro parse_ident(_name) as string_split(replace(_name, '"', ''), '.');
create macro format
    (_pattern, _a) as regexp_replace(_pattern, '%[sIL]', cast(_a as varchar)),
    (_pattern, _a, _b) as regexp_replace(regexp_replace(_pattern, '%[sIL]', cast(_a as varchar)), '%[sIL]', cast(_b as varchar)),
    (_pattern, _a, _b, _c) as regexp_replace(
        regexp_replace(regexp_replace(_pattern, '%[sIL]', cast(_a as varchar)), '%[sIL]', cast(_b as varchar)), '%[sIL]', cast(_c as varchar)
    );
create macro pg_expandarray(_vector) as unnest(list_transform(
    generate_series(1, len(pg_vector(_vector))), lambda _i: {'x': pg_vector(_vector)[_i], 'n': _i}
));
create macro pg_get_keywords() as table
    select keyword_name as word, upper(keyword_category[1]) as catcode, true as barelabel, keyword_category as catdesc, '' as baredesc
    from duckdb_keywords();
create macro pg_show_all_settings() as table
    select * from pgc.pg.pg_settings;
create macro pg_listening_channels() as table
    select cast(null as varchar) as pg_listening_channels where false;

create view pg_roles_of_session as
select 'goldthread' as name, 10 as oid, false as is_login
union all
select getvariable('goldthread_user'), 16382, true
where getvariable('goldthread_user') is not null;
drop table pg_roles;
create view pg_roles as
select
    name as rolname, false as rolsuper, true as rolinherit, false as rolcreaterole, false as rolcreatedb, is_login as rolcanlogin,
    false as rolreplication, -1 as rolconnlimit, '********' as rolpassword, cast(null as timestamptz) as rolvaliduntil,
    false as rolbypassrls, cast(null as varchar[]) as rolconfig, cast(oid as uinteger) as oid
from pg_roles_of_session;
drop table pg_user;
create view pg_user as
select
    name as usename, cast(oid as uinteger) as usesysid, false as usecreatedb, false as usesuper, false as userepl, false as usebypassrls,
    '********' as passwd, cast(null as timestamptz) as valuntil, cast(null as varchar[]) as useconfig
from pg_roles_of_session;
create macro pg_partition_ancestors(_oid) as table
    select _oid as relid, 1 as depth where false;
create macro pg_partition_tree(_oid) as table
    select _oid as relid, cast(null as uinteger) as parentrelid, true as isleaf, 0 as level where false;
create macro pg_partition_ancestors(_oid) as unnest(cast([] as uinteger[]));
