-- The status that a release gives a council's figure: bound are measure, period and area.
select
    target,
    rag,
    rag_reason,
    variance,
    direction_short,
    direction_long,
    target_version
from marts.measure_trend
where measure_code = $1 and period_code = $2 and area_code = $3
