-- One row per measure and dataset that its values come from, as they stand in all areas and
-- periods. A measure of which no value came yet has no row.
--
-- materialized: partition(measure_code)
-- lookups: meta.stored_loads
-- grain: [measure_code, source, dataset]
-- columns:
--   measure_code: Code of the measure.
--   source: Source that values come from.
--   dataset: Dataset of it.
-- tests:
--   - unique: [measure_code, source, dataset]
--   - not_null: [measure_code, source, dataset]

select distinct
    observations.measure_code,
    loads.source,
    loads.dataset
from intermediate.int_observations_placed as observations
inner join meta.stored_loads as loads
    on observations._load_id = loads.load_id
