-- What was held back for its number of rows and what a person accepted, and the control totals of the last run.
create table meta.held (
    run_id bigint not null,
    source varchar not null,
    dataset varchar not null,
    places varchar not null,
    hashes varchar not null,
    rows_brought bigint not null,
    rows_usual decimal(18, 1),
    rows_least bigint not null,
    rows_most bigint,
    loads_compared bigint not null,
    held_at timestamptz not null
);
comment on table meta.held is 'One row a delivery and run that held it back: rows_brought is not between rows_least and rows_most.';

create table meta.accepted (
    source varchar not null,
    dataset varchar not null,
    places varchar not null,
    hashes varchar not null,
    rows_brought bigint not null,
    rows_usual decimal(18, 1),
    after_load bigint not null,
    reason varchar,
    accepted_by varchar not null,
    accepted_at timestamptz not null
);
comment on table meta.accepted is 'One row a held delivery that a person let in; it counts until those hashes land after the load after_load.';

create view meta.held_now as
with looked as (
    select
        source,
        dataset,
        max(run_id) as run_id
    from meta.extracts
    group by
        source,
        dataset
)

select held.*
from meta.held as held
inner join looked
    on
        held.source = looked.source
        and held.dataset = looked.dataset
        and held.run_id = looked.run_id;
comment on view meta.held_now is 'The deliveries that the last look at their dataset held back.';

-- Files that bear one name but for numbers and months are of one kind: spend_april_2025.csv and spend_may_2025.csv.
create macro meta.file_kind(place) as
regexp_replace(
    regexp_extract(lower(place), '[^/]*$'),
    '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|[0-9]+',
    '0',
    'g'
);

create view meta.deliveries as
select
    loads.source,
    loads.dataset,
    loads.load_id,
    loads.run_id,
    case when loads.mode <> 'snapshot' then min(meta.file_kind(extracts.place)) end as file_kind,
    loads.rows_read - loads.rows_blank as rows_brought,
    loads.rows_current,
    coalesce(string_agg(distinct extracts.sha256, ' ' order by extracts.sha256), '') as hashes
from meta.loads as loads
left join meta.extracts as extracts
    on loads.load_id = extracts.load_id and extracts.outcome = 'landed'
group by
    loads.source,
    loads.dataset,
    loads.load_id,
    loads.run_id,
    loads.mode,
    loads.rows_read,
    loads.rows_blank,
    loads.rows_current;
comment on view meta.deliveries is 'One row a load, with the hashes of the files it was read from, by which the same delivery is known again.';

create table meta.reconciliation (
    subject_kind varchar not null,
    subject_code varchar not null,
    step varchar not null,
    total varchar not null,
    expected decimal(38, 10),
    found decimal(38, 10),
    difference decimal(38, 10),
    is_ok boolean not null,
    note varchar
);
comment on table meta.reconciliation is 'One row a control total of the last run: what a dataset or measure must come to at a step on the way from landing to core, and what is there.';
