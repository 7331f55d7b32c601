-- The figures of housing, reckoned by MariaDB over the tables themselves, in no way as our models do it: its quarters
-- begin in January, and it has a median of its own.
with quarters as (
    select 1 as nth, 2024 as year, 2 as quarter union all
    select 2, 2024, 3 union all
    select 3, 2024, 4 union all
    select 4, 2025, 1
),

relet as (
    select nth, datediff(relet_on, ended_on) as days
    from quarters join voids on year(relet_on) = year and quarter(relet_on) = quarter
    where major_works = 0
)

select 'HOU01' as measure_code, 'E06000990' as area_code, concat('FY2024-25-Q', nth) as period_code,
    cast(cast(100 * sum(datediff(completed_on, reported_on) <= target_days) as decimal(30, 16)) / count(*) as decimal(38, 10)) as value
from quarters join repairs on year(completed_on) = year and quarter(completed_on) = quarter
group by nth
union all
select 'HOU02', 'E06000990', concat('FY2024-25-Q', nth), cast(cast(sum(days) as decimal(30, 16)) / count(*) as decimal(38, 10))
from relet
group by nth
union all
select distinct 'HOU03', 'E06000990', concat('FY2024-25-Q', nth), cast(median(days) over (partition by nth) as decimal(38, 10))
from relet
union all
select 'HOU04', 'E06000990', concat('FY', replace(replace(quarter, '/', '-'), ' ', '-')),
    cast(cast(100 * satisfied as decimal(30, 16)) / answers as decimal(38, 10))
from repair_surveys
order by 1, 2, 3
