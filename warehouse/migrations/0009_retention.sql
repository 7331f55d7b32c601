-- What was removed because its time was over.
create table meta.retention (
    run_id bigint,
    removed_at timestamptz not null,
    subject varchar not null,
    rule varchar not null,
    cut_off_date date not null,
    item_count bigint not null,
    size_bytes bigint not null
);
comment on table meta.retention is 'One row a removal of what was past its time, noted before it is made: of what, by which rule, how much, and the first day that is kept. run_id is null where a person asked for it.';

create table meta.quarantine_removed (
    load_id bigint not null,
    row_count bigint not null
);
comment on table meta.quarantine_removed is 'One row a load whose rows set aside were removed, with their number.';
