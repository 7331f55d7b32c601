-- One row per observation, with its target.
--
-- materialized: table
-- grain: [area_code, period_code]
-- columns:
--   measure_code: Code of the measure.
--   area_code: Area.
--   period_code: Period.
--   value: Figure.
--   target: Target.
-- tests:
--   - unique: [area_code, period_code]

select
    facts.measure_code,
    facts.area_code,
    facts.period_code,
    facts.value,
    targets.target_value as target
from core.fct_observations as facts
left join handbook.targets as targets
    on facts.measure_code = targets.measure_code
    and facts.area_code = targets.organisation_code
