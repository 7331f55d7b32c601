-- A control total that a model of the council's own keeps from being compared.
alter table meta.reconciliation alter column is_ok drop not null;
comment on table meta.reconciliation is 'One row a control total of the last run: what a dataset or measure must come to at a step on the way from landing to core, and what is there; is_ok is null where a model of the council''s own keeps it from being compared, and the note says why.';
