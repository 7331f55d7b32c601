-- One row per quarter for the council, counted, and for each of its neighbours, as LG
-- Inform has it. A repair counts in the quarter in which it was completed. The source row
-- named is the one that landed last of those counted.

with taken as (
    select
        financial_quarter(completed_on) as period_code,
        case when completed_on - reported_on <= target_days then 1 else 0 end as counts,
        _load_id,
        _extract_id,
        _row
    from housing.repairs
    where completed_on is not null
),

ordered as (
    select
        *,
        row_number() over (
            partition by period_code
            order by _load_id desc, _extract_id desc, _row desc
        ) as place
    from taken
),

counted as (
    select
        council.organisation_code as area_code,
        ordered.period_code,
        sum(ordered.counts) as numerator,
        count(*) as denominator,
        max(case when ordered.place = 1 then ordered._load_id end) as _load_id,
        max(case when ordered.place = 1 then ordered._extract_id end) as _extract_id,
        max(case when ordered.place = 1 then ordered._row end) as _row
    from ordered
    cross join handbook.council as council
    group by council.organisation_code, ordered.period_code
)

select
    area_code,
    period_code,
    numerator,
    denominator,
    cast(null as decimal(38, 10)) as value,
    cast(null as varchar) as value_status,
    _load_id,
    _extract_id,
    _row
from counted
union all
select
    figures.area_code,
    figures.period as period_code,
    null as numerator,
    null as denominator,
    figures.value,
    figures.value_status,
    figures._load_id,
    figures._extract_id,
    figures._row
from lgi.figures as figures
cross join handbook.council as council
where
    figures.metric_type = '990102'
    and figures.value_type = 'raw'
    and not figures.is_summary
    and figures.area_code <> council.organisation_code
