-- One row per KPI of the published scorecard: the status that the council published
-- beside ours for the same quarter. Ours is the reason where there is none. The targets,
-- which stand in a file of their own, are held to those published.
--
-- materialized: table
-- grain: measure_code
-- columns:
--   measure_code: Code of the KPI.
--   measure_name: Name of the KPI.
--   position: Place in the scorecard.
--   period_code: The quarter that the scorecard reports.
--   value: Our figure; null where it was not reported.
--   target: Our target; null for a contextual KPI.
--   published_target: The target that was published.
--   published_status: green, amber, red or context, as published.
--   our_status: green, amber or red, else why there is none.
--   is_equal: Whether the two are the same.
--   note: What the handbook says of the quality of the figure.
-- tests:
--   - unique: measure_code
--   - not_null: [measure_code, measure_name, our_status, is_equal]
--   - holds: coalesce(target = published_target, target is null and published_target is null)

select
    published.measure_code,
    ours.measure_name,
    published.position,
    published.period_code,
    ours.value,
    ours.target,
    published.published_target,
    published.published_status,
    coalesce(ours.rag, ours.rag_reason) as our_status,
    published.published_status = coalesce(ours.rag, ours.rag_reason) as is_equal,
    measures.data_quality_note as note
from staging.stg_scorecard__kpis as published
left join marts.measure_trend as ours
    on
        published.measure_code = ours.measure_code
        and published.period_code = ours.period_code
left join handbook.measures as measures
    on published.measure_code = measures.measure_code
