create schema marts;
create table marts.bench as
select
    cast(n as bigint) as id,
    cast(n % 300 as integer) as measure_key,
    cast(n // 300 % 400 as integer) as organisation_key,
    cast(n // 120000 as integer) as period_key,
    cast(hash(n) % 100000000 as decimal(12, 2)) / 100 as amount,
    cast(hash(n + 1) % 1000000 as double) / 997 as rate,
    timestamp '2020-01-01 00:00:00' + to_seconds(cast(n % 200000000 as bigint)) as happened_at,
    timestamptz '2020-01-01 00:00:00+00' + to_seconds(cast(n % 200000000 as bigint)) as loaded_at,
    n % 3 = 0 as is_final,
    'Service ' || n % 40 as service,
    uuid() as reference
from range($rows) as numbers (n);
alter table marts.bench alter amount type decimal(12, 2)
