-- One row per quarter for the council: repairs finished in time among all that were
-- finished. The source row named is the one that landed last of those counted.

with ordered as (
    select
        financial_quarter(finished) as period_code,
        case when in_time then 1 else 0 end as counts,
        _load_id,
        _extract_id,
        _row,
        row_number() over (
            partition by financial_quarter(finished)
            order by _load_id desc, _extract_id desc, _row desc
        ) as place
    from housing.repairs
)

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
