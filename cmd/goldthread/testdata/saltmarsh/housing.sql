-- The figures of housing, reckoned by MariaDB over the tables themselves, in no way as
-- our models do it: its quarters begin in January, and it has a median of its own.
with quarters as (
    select 1 as nth, 2024 as year, 2 as quarter union all
    select 2, 2024, 3 union all
    select 3, 2024, 4 union all
    select 4, 2025, 1
),

relet as (
    select
        nth,
        datediff(relet_on, ended_on) as days
    from quarters
    inner join voids
        on year(relet_on) = year and quarter(relet_on) = quarter
    where major_works = 0
),

done as (
    select
        nth,
        datediff(completed_on, reported_on) <= target_days as is_in_time
    from quarters
    inner join repairs
        on year(completed_on) = year and quarter(completed_on) = quarter
),

-- Decimals divide with four more places than the dividend has.
figures as (
    select
        'HOU01' as measure_code,
        concat('FY2024-25-Q', nth) as period_code,
        cast(100 * sum(is_in_time) as decimal(30, 16)) / count(*) as value
    from done
    group by nth
    union all
    select
        'HOU02',
        concat('FY2024-25-Q', nth),
        cast(sum(days) as decimal(30, 16)) / count(*)
    from relet
    group by nth
    union all
    select distinct
        'HOU03',
        concat('FY2024-25-Q', nth),
        median(days) over (partition by nth)
    from relet
    union all
    select
        'HOU04',
        concat('FY', replace(replace(quarter, '/', '-'), ' ', '-')),
        cast(100 * satisfied as decimal(30, 16)) / answers
    from repair_surveys
)

select
    measure_code,
    'E06000990' as area_code,
    period_code,
    cast(value as decimal(38, 10)) as value
from figures
order by 1, 2, 3
