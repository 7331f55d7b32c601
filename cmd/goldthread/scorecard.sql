-- What the printed scorecard needs of marts.scorecard, in its order. The terminal is narrow, so short names stand first.
select
    coalesce(scorecard.priority, '') as theme,
    scorecard.measure_code,
    coalesce(measures.short_name, scorecard.measure_name) as measure_name,
    organisation_code,
    period_label,
    value,
    value_status,
    scorecard.unit,
    scorecard.decimals,
    scorecard.polarity,
    target,
    rag,
    rag_reason,
    direction_short,
    direction_long,
    rank,
    rank_of,
    peer_mean,
    peer_count,
    peer_members,
    peer_coverage_warning,
    national_value,
    cast(data_as_at as varchar) as data_as_at,
    is_late,
    target_note
from marts.scorecard as scorecard
left join core.dim_measures as measures
    on scorecard.measure_code = measures.measure_code and measures.is_current
order by theme, scorecard.measure_code
