-- The figures of social care, reckoned by PostgreSQL over the tables themselves, in no
-- way as our models do it.
with quarters as (
    select
        'FY2024-25-Q' || n as period_code,
        cast(date '2024-04-01' + (n - 1) * interval '3 months' as date) as first_day,
        cast(date '2024-04-01' + n * interval '3 months' as date) as next_day
    from generate_series(1, 4) as n
),

counted as (
    select
        'ASC01' as measure_code,
        coalesce(ward_code, 'E06000990') as area_code,
        period_code,
        count(*) filter (where completed_on < requested_on + 29) as numerator,
        count(*) as denominator
    from quarters
    inner join care.assessments
        on completed_on >= first_day and completed_on < next_day
    group by grouping sets ((period_code, ward_code), (period_code))
    having grouping(ward_code) = 1 or ward_code is not null
    union all
    select
        'ASC02',
        'E06000990',
        period_code,
        count(*) - count(*) filter (where completed_on is null or completed_on > due_on),
        count(*)
    from quarters
    inner join care.reviews
        on due_on >= first_day and due_on < next_day
    group by period_code
)

select
    measure_code,
    area_code,
    period_code,
    cast(round(100.0 * numerator / denominator, 10) as text) as value
from counted
union all
select
    'ASC03',
    'E06000990',
    period_code,
    cast(round(count(*), 10) as text)
from quarters
inner join care.packages
    on daterange(started_on, ended_on, '[]') @> next_day - 1
where weekly_cost <> 'NaN' -- this row was set aside
group by period_code
order by 1, 2, 3
