{{- /* The statements of one load, in the order in which Land runs them. Names come quoted; values are bound.

A row stands once: in current while it is present, in history from the moment it was replaced or vanished, and there
tombstones stand too. raw shows both, so it never loses a row. The hashes are random, and looking for a way to compress
them would be the dearest part of storing a row. */ -}}

{{define "columns"}}
{{- range .Columns}}
    {{.Name}} {{.Type}},
{{- end}}
    _load_id bigint not null,
    _extract_id bigint not null,
    _row bigint not null,
    _key_hash uuid not null using compression uncompressed,
    _row_hash uuid not null using compression uncompressed
{{- end}}

{{define "create"}}
create table if not exists {{.Current}} (
{{- template "columns" .}}
);
create table if not exists {{.History}} (
{{- template "columns" .}},
    _is_deleted boolean not null
);
{{end}}

{{define "show raw"}}
create or replace view {{.Raw}} as
select
    *,
    false as _is_deleted
from {{.Current}}
union all by name
select *
from {{.History}}
{{end}}

{{define "insert first"}}
insert into {{.Current}} by name
select
{{- range .Columns}}
    {{.Name}},
{{- end}}
    cast($1 as bigint) as _load_id,
    _extract_id,
    _row,
    _key_hash,
    _row_hash
from batch
{{end}}

{{define "known hashes"}}
{{- /* By which a present row is known again. Without a key, equal rows are told apart by their keys' hashes alone. */ -}}
select {{.Known}} as _known_hash
from {{.Current}}
where rowid between $1 and $2
{{end}}

{{define "present hashes"}}
select
    _key_hash,
    {{.Known}} as _known_hash
from {{.Current}}
where rowid between $1 and $2
{{end}}

{{define "stage"}}
{{- /* Of the rows that came those which may have to be stored, with their values. */ -}}
create temp table landing as
select * exclude (is_wanted)
from batch
where is_wanted
{{end}}

{{define "present beside landing"}}
select
    present._key_hash,
    present.{{.Known}} as _known_hash
from landing
inner join {{.Current}} as present
    on landing._key_hash = present._key_hash
where landing._key_hash between $1 and $2
{{end}}

{{define "bring back"}}
insert into landing by name
select
    batch._extract_id,
    batch._row,
    present._key_hash,
    present._row_hash
from batch
inner join {{.Current}} as present
    on batch._known_hash = present.{{.Known}}
{{end}}

{{define "count not in landing"}}
select count(*)
from {{.Current}}
where _key_hash not in (select _key_hash from landing)
{{end}}

{{define "number repeats"}}
{{- /* Without a key, the second of two equal rows is told from the first by its number. */ -}}
update {{.Landed}} as landed
set _key_hash = cast(md5(concat(numbered._row_hash, ':', numbered.n)) as uuid)
from (
    select
        rowid as id,
        _row_hash,
        row_number() over (partition by _row_hash order by _extract_id, _row) as n
    from {{.Landed}}
    where _row_hash in (select _key_hash from repeated_keys)
) as numbered
where landed.rowid = numbered.id and numbered.n > 1
{{end}}

{{define "find repeated keys"}}
{{- /* One part of the keys at a time, so that the memory it takes does not grow with the load. */ -}}
insert into repeated_keys
select _key_hash
from {{.Landed}}
where _key_hash between $1 and $2
group by _key_hash
having count(*) > 1
{{end}}

{{define "find repeats"}}
{{- /* Of rows with one key that are equal, the first stays; where they differ, none of them can be believed. */ -}}
create temp table repeats as
with repeated as (
    select
        _extract_id,
        _row,
        _key_hash,
        _row_hash
    from {{.Landed}}
    where _key_hash in (select _key_hash from repeated_keys)
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
    _key_hash in (select _key_hash from repeats)
    and (_extract_id, _row) in (select (_extract_id, _row) from repeats)
{{end}}

{{define "find changes"}}
{{- /* A row of an older edition than the present one's is history: it is kept and does not become present. What vanished is
judged last: of a key that came repeatedly a row may be left. */ -}}
create temp table changes as
with keys as (
    select
        _key_hash,
        _row_hash,
        false as is_deleted
    from landing
    union all
    select
        _key_hash,
        null as _row_hash,
        true as is_deleted
    from vanished
    where _key_hash not in (select _key_hash from landing)
)

select
    keys._key_hash,
    keys.is_deleted,
    present.rowid as place,
    coalesce(loads.published_at > cast($1 as date), false) as is_older
from keys
left join {{.Current}} as present
    on keys._key_hash = present._key_hash
left join meta.loads as loads
    on present._load_id = loads.load_id
where {{if .ByKey}}keys.is_deleted or present._key_hash is null
{{- else}}keys._row_hash is distinct from present._row_hash{{end}}
{{end}}

{{define "landed before"}}
{{- /* The load in which these very deliveries had all landed; null where one of them is new, or has no date by which to tell
it from another with the same bytes. */ -}}
select case when bool_and(load_id is not null) then max(load_id) end
from (
    select min(earlier.load_id) as load_id
    from meta.extracts
    left join meta.extracts as earlier
        on
            extracts.source = earlier.source
            and extracts.dataset = earlier.dataset
            and extracts.place = earlier.place
            and extracts.sha256 = earlier.sha256
            and extracts.modified_at = earlier.modified_at
            and earlier.load_id < extracts.load_id
    where extracts.load_id = $1 and extracts.outcome = 'landed'
    group by extracts.extract_id
)
{{end}}

{{define "leave what was replaced"}}
{{- /* Read again, a delivery gives rows that were replaced or vanished since. They stand in history already. */ -}}
delete from changes
where
    not is_deleted
    and _key_hash in (
        select landing._key_hash
        from landing
        inner join {{.History}} as replaced
            on landing._key_hash = replaced._key_hash and landing._row_hash = replaced._row_hash
        where not replaced._is_deleted and replaced._load_id <= $1
    )
{{end}}

{{define "leave what came later"}}
{{- /* What such a delivery lacks has not vanished if it came with a later one. */ -}}
delete from changes
where
    is_deleted
    and _key_hash in (
        select present._key_hash
        from {{.Current}} as present
        inner join meta.extracts
            on present._extract_id = extracts.extract_id
        left join meta.extracts as earlier
            on
                extracts.source = earlier.source
                and extracts.dataset = earlier.dataset
                and extracts.place = earlier.place
                and extracts.sha256 = earlier.sha256
                and extracts.modified_at = earlier.modified_at
                and earlier.load_id <= $1
        where earlier.extract_id is null
    )
{{end}}

{{define "keep the replaced"}}
insert into {{.History}} by name
select
    present.*,
    false as _is_deleted
from changes
inner join {{.Current}} as present
    on changes.place = present.rowid
where not changes.is_older
{{end}}

{{define "insert tombstones"}}
insert into {{.History}} by name
select
{{- range .Columns}}{{if .Key}}
    {{.Name}},
{{- end}}{{end}}
    cast($1 as bigint) as _load_id,
    0 as _extract_id,
    0 as _row,
    _key_hash,
    _row_hash,
    true as _is_deleted
from {{.Current}}
where _key_hash in (select _key_hash from changes where is_deleted and not is_older)
{{end}}

{{define "remove the replaced"}}
delete from {{.Current}}
where rowid in (select place from changes where not is_older)
{{end}}

{{define "insert changes"}}
insert into {{.Current}} by name
select {{template "changed row" .}}
from landing
where _key_hash in (select _key_hash from changes where not is_older)
{{end}}

{{define "insert older"}}
insert into {{.History}} by name
select {{template "changed row" .}},
    false as _is_deleted
from landing
where _key_hash in (select _key_hash from changes where is_older)
{{end}}

{{define "changed row"}}
{{- range .Columns}}
    {{.Name}},
{{- end}}
    cast($1 as bigint) as _load_id,
    _extract_id,
    _row,
    _key_hash,
    _row_hash
{{- end}}
