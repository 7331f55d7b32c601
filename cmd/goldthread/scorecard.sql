-- What the printed scorecard needs of marts.scorecard, in its order.
select
    coalesce(priority, '') as theme,
    measure_code,
    measure_name,
    organisation_code,
    period_label,
    value,
    value_status,
    unit,
    decimals,
    polarity,
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
from marts.scorecard
order by theme, measure_code
