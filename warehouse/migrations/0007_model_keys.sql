-- What models declare of their keys, so that a release can show them to BI tools.
create table meta.model_keys (
    model varchar not null,
    kind varchar not null,
    columns varchar[] not null,
    parent varchar,
    parent_columns varchar[]
);
comment on table meta.model_keys is 'One row a key that a model of the star or a mart declares: its grain, what else is unique or not null in it, and its relationships to keys of others, all tested.';
comment on view meta.stored_loads is 'One row a load that stored, deleted or quarantined rows, with what became of the rows it read.';
comment on view meta.stored_extracts is 'One row a file, page or query that such a load was read from, with its hash.';
comment on view meta.quarantined_rows is 'One row a row that was not stored, with its file, line and reason.';
comment on view meta.test_results is 'One row a data test, with its answer.';
