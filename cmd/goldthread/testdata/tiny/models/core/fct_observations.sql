-- One row per observation of the measure.
--
-- materialized: table
-- grain: [area_code, period_code]
-- columns:
--   measure_code: Code of the measure.
--   area_code: Area.
--   period_code: Period.
--   value: Figure.
-- tests:
--   - unique: [area_code, period_code]
--   - not_null: value

select
    measure_code,
    area_code,
    period_code,
    value
from intermediate.int_observations
