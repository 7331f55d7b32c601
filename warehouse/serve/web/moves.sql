-- The figures of the scorecard that differ between two releases, earlier and later: a
-- value, its period or its status. What a release does not have is an empty text.
with moved as (
    select
        coalesce(later.measure_code, earlier.measure_code) as measure_code,
        coalesce(later.measure_name, earlier.measure_name) as measure_name,
        coalesce(later.unit, earlier.unit) as unit,
        coalesce(later.decimals, earlier.decimals) as decimals,
        coalesce(later.organisation_code, earlier.organisation_code) as organisation_code,
        coalesce(later.area_code, earlier.area_code) as area_code,
        earlier.period_label as period_before,
        later.period_label as period_now,
        earlier.value as value_before,
        later.value as value_now,
        earlier.rag as rag_before,
        later.rag as rag_now
    from earlier.marts.scorecard as earlier
    full join later.marts.scorecard as later
        on
            earlier.measure_code = later.measure_code
            and earlier.organisation_code is not distinct from later.organisation_code
            and earlier.area_code is not distinct from later.area_code
)

select
    measure_code,
    coalesce(measure_name, '') as measure_name,
    coalesce(unit, '') as unit,
    cast(coalesce(decimals, 1) as integer) as decimals,
    coalesce(organisation_code, '') as organisation_code,
    coalesce(area_code, '') as area_code,
    coalesce(period_before, '') as period_before,
    coalesce(period_now, '') as period_now,
    coalesce(cast(value_before as varchar), '') as value_before,
    coalesce(cast(value_now as varchar), '') as value_now,
    coalesce(rag_before, '') as rag_before,
    coalesce(rag_now, '') as rag_now
from moved
where
    value_before is distinct from value_now
    or period_before is distinct from period_now
    or rag_before is distinct from rag_now
order by
    measure_code,
    organisation_code,
    area_code
limit $1
