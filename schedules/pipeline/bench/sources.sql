-- A table of $1 payments as a finance system would hold them, each changed twenty seconds after the one before.
drop table if exists goldthread_bench;
create table goldthread_bench as
select
    cast(i as bigint) as id,
    date '2020-04-01' + cast(i % 2000 as integer) as paid,
    'Supplier ' || i % 5000 || ', Limited' as supplier,
    'Adult social care' as service,
    cast((i * 7919 % 10000000) / 100.0 as numeric(18, 2)) as amount,
    cast((i * 104729 % 2000000) / 100.0 as numeric(18, 2)) as vat,
    cast(i % 90 as integer) as invoices,
    'Third party payments' as category,
    'M' || i % 40 || ' ' || i % 9 || 'AB' as postcode,
    i % 3 = 0 as is_grant,
    timestamptz '2025-01-01 00:00:00+00' + i * interval '20 seconds' as updated_at
from generate_series(1, cast($1 as bigint)) as numbers (i);
alter table goldthread_bench add primary key (id);
create index on goldthread_bench (updated_at);
vacuum analyze goldthread_bench
