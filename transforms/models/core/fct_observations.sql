-- One row per measure, organisation, area, breakdown and period, as now known. A council
-- as a place has its own area; a ward or station the council it lies in; a country or
-- region no organisation (-1). The measure is the current version of its definition, by
-- which every value was computed. Versions of organisation and area are those of the
-- period's last day. No row is lost: what a dimension does not hold has key -1.
--
-- materialized: partition(measure_key)
-- grain: [measure_key, organisation_key, area_key, breakdown_key, period_key]
-- columns:
--   measure_key: Measure; -1 unknown.
--   organisation_key: Organisation the value belongs to; -1 for countries, regions and
--     unknown ones.
--   area_key: Area the value is of; -1 unknown.
--   breakdown_key: Cut of the population; 0 all.
--   period_key: Period; -1 unknown.
--   value: The value, unrounded; null where its status says why there is none.
--   numerator: What was counted, where the measure has counts.
--   denominator: What it was counted out of.
--   value_status: ok, provisional or estimated with a value; missing, suppressed and
--     others without.
--   published_at: Edition of the source; null where it has none.
--   has_revisions: Whether it has had more than one version; core.fct_revisions has them.
--   _load_id: Load that brought the row.
--   _extract_id: File or page that the row stood in.
--   _row: Line of the file on which the record begins.
-- tests:
--   - unique: [measure_key, organisation_key, area_key, breakdown_key, period_key]
--   - not_null: [measure_key, organisation_key, area_key, breakdown_key, period_key,
--       value_status, has_revisions]
--   - relationships: measure_key -> core.dim_measures.measure_key
--   - relationships: organisation_key -> core.dim_organisations.organisation_key
--   - relationships: area_key -> core.dim_areas.area_key
--   - relationships: breakdown_key -> core.dim_breakdowns.breakdown_key
--   - relationships: period_key -> core.dim_periods.period_key

with revised as (
    select distinct
        measure_code,
        coalesce(organisation_code, '') as organisation_key,
        area_code,
        breakdown_code,
        period_code
    from intermediate.int_versions_numbered
)

select
    coalesce(measures.measure_key, -1) as measure_key,
    coalesce(organisations.organisation_key, -1) as organisation_key,
    coalesce(areas.area_key, -1) as area_key,
    coalesce(breakdowns.breakdown_key, -1) as breakdown_key,
    coalesce(periods.period_key, -1) as period_key,
    observations.value,
    observations.numerator,
    observations.denominator,
    observations.value_status,
    observations.published_at,
    revised.measure_code is not null as has_revisions,
    observations._load_id,
    observations._extract_id,
    observations._row
from intermediate.int_observations_placed as observations
left join revised
    on
        observations.measure_code = revised.measure_code
        and coalesce(observations.organisation_code, '') = revised.organisation_key
        and observations.area_code = revised.area_code
        and observations.breakdown_code = revised.breakdown_code
        and observations.period_code = revised.period_code
left join core.dim_measures as measures
    on observations.measure_code = measures.measure_code and measures.is_current
left join core.dim_periods as periods
    on observations.period_code = periods.period_code
left join core.dim_breakdowns as breakdowns
    on observations.breakdown_code = breakdowns.breakdown_code
left join core.dim_organisations as organisations
    on
        observations.organisation_code = organisations.organisation_code
        and coalesce(periods.end_date, date '9999-12-30') >= organisations.valid_from
        and coalesce(periods.end_date, date '9999-12-30') < organisations.valid_to
left join core.dim_areas as areas
    on
        observations.area_code = areas.area_code
        and coalesce(periods.end_date, date '9999-12-30') >= areas.valid_from
        and coalesce(periods.end_date, date '9999-12-30') < areas.valid_to
