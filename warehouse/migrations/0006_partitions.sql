-- What is remembered of a build by partition, so that of a table only what changed is built and asked about again.
alter table meta.models add column build_number bigint;
alter table meta.models add column partitions varchar;
alter table meta.tests add column build_number bigint;
alter table meta.tests add column content_hash varchar;
comment on column meta.models.build_number is 'Number of the build that made it.';
comment on column meta.models.partitions is 'JSON: what tells the rows of each partition, and in which build they last changed.';
comment on column meta.tests.build_number is 'Number of the build in which it was asked.';
comment on column meta.tests.content_hash is 'What told the rows of its table when it was asked.';
