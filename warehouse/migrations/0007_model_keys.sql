-- What models declare of their keys, so that a release can show them to BI tools.
create table meta.model_keys (
    model varchar not null,
    kind varchar not null,
    columns varchar[] not null,
    parent varchar,
    parent_columns varchar[]
);
comment on table meta.model_keys is 'One row a key that a model of the star or a mart declares: its grain, what else is unique or not null in it, and its relationships to keys of others, all tested.';
