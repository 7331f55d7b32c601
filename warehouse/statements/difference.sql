-- The figures that a later release has otherwise than an earlier one: value, what stands in its place, target or RAG. A figure
-- that only one of them has is told too, with nothing on the other side.
select
    coalesce(later.measure_code, earlier.measure_code) as measure_code,
    coalesce(later.measure_name, earlier.measure_name) as measure_name,
    coalesce(later.area_code, earlier.area_code) as area_code,
    coalesce(later.period_code, earlier.period_code) as period_code,
    coalesce(later.period_label, earlier.period_label) as period_label,
    coalesce(later.unit, earlier.unit) as unit,
    earlier.value,
    later.value,
    earlier.value_status,
    later.value_status,
    earlier.target,
    later.target,
    coalesce(earlier.rag, earlier.rag_reason),
    coalesce(later.rag, later.rag_reason)
from earlier
full join later
    on
        earlier.measure_code = later.measure_code
        and earlier.area_code is not distinct from later.area_code
        and earlier.period_code = later.period_code
where
    earlier.value is distinct from later.value
    or earlier.value_status is distinct from later.value_status
    or earlier.target is distinct from later.target
    or earlier.rag is distinct from later.rag
    or earlier.rag_reason is distinct from later.rag_reason
order by
    measure_code,
    area_code,
    coalesce(later.end_date, earlier.end_date),
    period_code
