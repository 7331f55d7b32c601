-- The keys and relationships that the models of the release declare.
insert into declared_keys
select
    keys.model,
    keys.kind,
    keys.columns,
    keys.parent,
    keys.parent_columns
from goldthread.meta.model_keys as keys;
