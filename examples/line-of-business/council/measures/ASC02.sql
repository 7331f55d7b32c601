-- One row per quarter: reviews that were due in it, and those of them that were done on
-- the day or before. A review that is not done yet counts as due. The source row named is
-- the one that landed last of those counted.

with taken as (
    select
        financial_quarter(due_on) as period_code,
        case when completed_on <= due_on then 1 else 0 end as counts,
        _load_id,
        _extract_id,
        _row
    from care.reviews
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
    _load_id,
    _extract_id,
    _row
from counted
