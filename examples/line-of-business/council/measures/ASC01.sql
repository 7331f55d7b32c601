-- One row per quarter for the council and for each of its wards, counted, and for each of
-- its neighbours, as LG Inform has it. An assessment counts in the quarter in which it
-- was completed; one that is still open does not count yet. The source row named is the
-- one that landed last of those counted. What LG Inform has of the council itself is left
-- out: the case system knows better and sooner.

with completed as (
    select
        council.organisation_code,
        assessments.ward_code,
        financial_quarter(assessments.completed_on) as period_code,
        case
            when assessments.completed_on - assessments.requested_on <= 28 then 1
            else 0
        end as is_in_time,
        assessments._load_id,
        assessments._extract_id,
        assessments._row
    from care.assessments as assessments
    cross join handbook.council as council
    where assessments.completed_on is not null
),

placed as (
    select
        organisation_code as area_code,
        period_code,
        is_in_time,
        _load_id,
        _extract_id,
        _row
    from completed
    union all
    select
        ward_code as area_code,
        period_code,
        is_in_time,
        _load_id,
        _extract_id,
        _row
    from completed
    where ward_code is not null
),

ordered as (
    select
        *,
        row_number() over (
            partition by area_code, period_code
            order by _load_id desc, _extract_id desc, _row desc
        ) as place
    from placed
),

counted as (
    select
        area_code,
        period_code,
        sum(is_in_time) as numerator,
        count(*) as denominator,
        max(case when place = 1 then _load_id end) as _load_id,
        max(case when place = 1 then _extract_id end) as _extract_id,
        max(case when place = 1 then _row end) as _row
    from ordered
    group by area_code, period_code
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
    figures.metric_type = '990101'
    and figures.value_type = 'raw'
    and not figures.is_summary
    and figures.area_code <> council.organisation_code
