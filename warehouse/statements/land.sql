{{- /* The statements of one load, in the order in which Land runs them. Names come quoted; values are bound. */ -}}

{{define "create"}}
create table if not exists {{.Raw}} (
{{- range .Columns}}
    {{.Name}} {{.Type}},
{{- end}}
    _load_id bigint not null,
    _extract_id bigint not null,
    _row bigint not null,
    _key_hash uuid not null,
    _row_hash uuid not null,
    _is_deleted boolean not null
);
create table if not exists {{.Current}} as
select * exclude (_is_deleted)
from {{.Raw}}
limit 0;
{{end}}

{{define "stage"}}
create temp table landing as
select
{{- range .Columns}}
    {{.Name}},
{{- end}}
    _extract_id,
    _row,
    _key_hash,
    _row_hash
from batch
{{end}}

{{define "number repeats"}}
{{- /* Without a key, the second of two equal rows is told from the first by its number. */ -}}
update landing
set _key_hash = cast(md5(concat(numbered._row_hash, ':', numbered.n)) as uuid)
from (
    select
        rowid as id,
        _row_hash,
        row_number() over (partition by _row_hash order by _extract_id, _row) as n
    from landing
    where _row_hash in (select _row_hash from landing group by _row_hash having count(*) > 1)
) as numbered
where landing.rowid = numbered.id and numbered.n > 1
{{end}}

{{define "find repeats"}}
{{- /* Of rows with one key that are equal, the first stays; where they differ, none of them can be believed. */ -}}
create temp table repeats as
with repeated as (
    select landed.*
    from {{.Landed}} as landed
    where
        {{.Mine}}
        and _key_hash in (
            select _key_hash
            from {{.Landed}}
            where {{.Mine}}
            group by _key_hash
            having count(*) > 1
        )
),

described as (
    select
        _key_hash,
        count(distinct _row_hash) as contents,
        min(_row) as first_row,
        string_agg(cast(_row as varchar), ', ' order by _row) as all_rows
    from repeated
    group by _key_hash
),

numbered as (
    select
        repeated._extract_id,
        repeated._row,
        repeated._key_hash,
        described.contents,
        described.first_row,
        described.all_rows,
        row_number() over (
            partition by repeated._key_hash
            order by repeated._extract_id, repeated._row
        ) as n
    from repeated
    inner join described
        on repeated._key_hash = described._key_hash
)

select
    _extract_id,
    _row,
    _key_hash,
    case
        when contents = 1 then concat('repeats line ', first_row, ' word for word')
        else concat('the key ({{.KeyText}}) stands on lines ', all_rows, ' with different values')
    end as reason
from numbered
where contents > 1 or n > 1
{{end}}

{{define "quarantine repeats"}}
insert into meta.quarantine
select
    $1 as load_id,
    _extract_id,
    _row,
    {{.KeyLiteral}} as column_name,
    null as raw_text,
    reason
from repeats
{{end}}

{{define "remove repeats"}}
delete from {{.Landed}}
where
    {{.Mine}}
    and _key_hash in (select _key_hash from repeats)
    and (_extract_id, _row) in (select (_extract_id, _row) from repeats)
{{end}}

{{define "insert first"}}
insert into {{.Raw}} by name
select
{{- range .Columns}}
    {{.Name}},
{{- end}}
    cast($1 as bigint) as _load_id,
    _extract_id,
    _row,
    _key_hash,
    _row_hash,
    false as _is_deleted
from batch
{{end}}

{{define "insert changes"}}
insert into {{.Raw}} by name
select
{{- range .Columns}}
    {{if .Key}}coalesce(landing.{{.Name}}, present.{{.Name}}) as {{.Name}}{{else}}landing.{{.Name}}{{end}},
{{- end}}
    cast($1 as bigint) as _load_id,
    coalesce(landing._extract_id, 0) as _extract_id,
    coalesce(landing._row, 0) as _row,
    coalesce(landing._key_hash, present._key_hash) as _key_hash,
    coalesce(landing._row_hash, present._row_hash) as _row_hash,
    landing._key_hash is null as _is_deleted
from landing
{{.Join}} join {{.Current}} as present
    on landing._key_hash = present._key_hash
where {{.Changed}}
{{end}}

{{define "older editions"}}
{{- /* A row of an older edition than the present one's is history: it is kept in raw and does not become present. */ -}}
create temp table superseded as
select present._key_hash
from {{.Current}} as present
inner join meta.loads as loads
    on present._load_id = loads.load_id
where
    loads.published_at > cast($2 as date)
    and present._key_hash in (select _key_hash from {{.Raw}} where _load_id = $1)
{{end}}

{{define "remove from current"}}
delete from {{.Current}}
where
    _key_hash in (select _key_hash from {{.Raw}} where _load_id = $1)
    and _key_hash not in (select _key_hash from superseded)
{{end}}

{{define "insert into current"}}
insert into {{.Current}} by name
select * exclude (_is_deleted)
from {{.Raw}}
where
    _load_id = $1
    and not _is_deleted
    and _key_hash not in (select _key_hash from superseded)
{{end}}

{{define "fill current"}}
insert into {{.Current}} by name
select * exclude (_is_deleted)
from {{.Raw}}
where _load_id = $1
{{end}}
