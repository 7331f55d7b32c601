-- The ledger: what was run, looked at, loaded, set aside, built, tested and released.
create schema raw;
create schema current;
create schema handbook;
create schema reference;

create table meta.runs (
    run_id bigint not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    run_date date not null,
    outcome varchar,
    program_version varchar not null,
    release_id bigint,
    message varchar
);
comment on table meta.runs is 'One row a run, from its start; finished_at is null where it was cut short.';

create table meta.datasets (
    source varchar not null,
    dataset varchar not null,
    description varchar,
    owner varchar,
    refresh varchar,
    mode varchar not null,
    is_stale boolean not null
);
comment on table meta.datasets is 'One row a dataset of the present contracts; stale where its last look failed or was refused.';

create table meta.extracts (
    extract_id bigint not null,
    run_id bigint not null,
    load_id bigint,
    source varchar not null,
    dataset varchar not null,
    place varchar not null,
    sha256 varchar,
    size_bytes bigint,
    modified_at timestamptz,
    published_at date,
    outcome varchar not null,
    reason varchar,
    notes varchar,
    looked_at timestamptz not null
);
comment on table meta.extracts is 'One row a look at a file, page or query: landed, same_hash, unchanged, refused or failed.';

create table meta.loads (
    load_id bigint not null,
    run_id bigint not null,
    source varchar not null,
    dataset varchar not null,
    mode varchar not null,
    recorded_at timestamptz not null,
    recorded_date date not null,
    published_at date,
    rows_read bigint not null,
    rows_stored bigint not null,
    rows_unchanged bigint not null,
    rows_deleted bigint not null,
    rows_quarantined bigint not null,
    rows_blank bigint not null,
    rows_current bigint not null,
    cursor varchar
);
comment on table meta.loads is 'One row a load: read = stored + unchanged + quarantined + blank.';

create table meta.quarantine (
    load_id bigint not null,
    extract_id bigint not null,
    row_number bigint not null,
    column_name varchar,
    raw_text varchar,
    reason varchar not null
);
comment on table meta.quarantine is 'One row a row set aside: where it stands, what is wrong with it and its raw text.';

create table meta.periods (
    period_code varchar not null,
    period_label varchar not null,
    basis varchar not null,
    period_type varchar not null,
    start_date date not null,
    end_date date not null,
    length_months integer not null,
    parent_code varchar
);
comment on table meta.periods is 'One row a period that was landed or made by a measure, and its parents.';

create table meta.models (
    name varchar not null,
    build_hash varchar not null,
    content_hash varchar not null,
    comment_hash varchar not null,
    row_count bigint not null,
    built_at timestamptz not null
);
comment on table meta.models is 'One row a model as last built; its content hash tells one state of its rows from another.';

create table meta.tests (
    table_name varchar not null,
    test_name varchar not null,
    version varchar not null,
    severity varchar not null,
    passed boolean not null,
    failing bigint not null,
    examples varchar,
    tested_at timestamptz not null
);
comment on table meta.tests is 'One row a data test, with its answer for the present version of its table.';

create table meta.model_texts (
    name varchar not null,
    file varchar not null,
    sql_text varchar not null
);
comment on table meta.model_texts is 'One row a model: the SQL that was built, ours or the council''s.';

create table meta.lineage (
    model varchar not null,
    reads varchar not null
);
comment on table meta.lineage is 'One row a relation that a model reads.';

create table meta.releases (
    release_id bigint not null,
    run_id bigint not null,
    released_at timestamptz not null,
    run_date date not null
);
comment on table meta.releases is 'One row a release, kept or removed since.';

create table meta.run_date (run_date date not null);
comment on table meta.run_date is 'One row: the local date of the run, against which lateness is reckoned.';

create view meta.stored_loads as
select
    load_id,
    source,
    dataset,
    recorded_at,
    recorded_date,
    published_at,
    coalesce(published_at, recorded_date) as data_as_at,
    rows_read,
    rows_stored,
    rows_unchanged,
    rows_deleted,
    rows_quarantined,
    rows_blank
from meta.loads
where rows_stored + rows_deleted + rows_quarantined > 0;

create view meta.stored_extracts as
select
    extracts.extract_id,
    extracts.load_id,
    extracts.place,
    extracts.sha256,
    extracts.size_bytes,
    extracts.published_at
from meta.extracts as extracts
inner join meta.stored_loads as loads
    on extracts.load_id = loads.load_id;

create view meta.quarantined_rows as
select
    quarantine.load_id,
    quarantine.extract_id,
    loads.source,
    loads.dataset,
    extracts.place,
    quarantine.row_number,
    quarantine.column_name,
    quarantine.reason
from meta.quarantine as quarantine
inner join meta.loads as loads
    on quarantine.load_id = loads.load_id
left join meta.extracts as extracts
    on quarantine.extract_id = extracts.extract_id;

create view meta.test_results as
select
    table_name,
    test_name,
    severity,
    passed,
    failing,
    examples
from meta.tests;

create view reference.periods as
select * from meta.periods;

-- The rows of a dataset as known after a load, and as published up to a date. Both name the table without its schema:
-- from meta.known_at_load('themes__claimant_count', 12).
create macro meta.known_at_load(dataset_table, last_load) as table
select * exclude (_newest)
from (
    select
        history.*,
        row_number() over (partition by _key_hash order by _load_id desc) as _newest
    from query_table('raw.' || dataset_table) as history
    where _load_id <= last_load
)
where _newest = 1 and not _is_deleted;

create macro meta.known_at_edition(dataset_table, edition) as table
select * exclude (_newest)
from (
    select
        history.*,
        row_number() over (
            partition by _key_hash
            order by coalesce(loads.published_at, loads.recorded_date) desc, _load_id desc
        ) as _newest
    from query_table('raw.' || dataset_table) as history
    inner join meta.loads as loads
        on history._load_id = loads.load_id
    where coalesce(loads.published_at, loads.recorded_date) <= edition
)
where _newest = 1 and not _is_deleted;
