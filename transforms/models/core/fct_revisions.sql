-- One row per version of an observation that has had more than one version, or was
-- withdrawn: every value a source gave for it, and from when to when it was what we, or
-- the source's readers, knew. Most observations have one version and no row here;
-- core.fct_observation_versions shows both.
--
-- materialized: partition(measure_key)
-- grain: [measure_key, organisation_key, area_key, breakdown_key, period_key,
--   version_number]
-- columns:
--   measure_key: Measure; -1 unknown.
--   organisation_key: Organisation the value belongs to; -1 for countries, regions and
--     unknown ones.
--   area_key: Area the value is of; -1 unknown.
--   breakdown_key: Cut of the population; 0 all.
--   period_key: Period; -1 unknown.
--   version_number: Number of the version, from 1, in the order of editions.
--   value: The value, unrounded; null where its status says why there is none.
--   numerator: What was counted, where the measure has counts.
--   denominator: What it was counted out of.
--   value_status: ok, provisional or estimated with a value; missing, suppressed and
--     others without.
--   publication_status: provisional as the source says; revised where it differs from
--     the version before; else final.
--   is_restated: Whether value or status differ from the version before.
--   published_from: Day of the edition that brought the version.
--   published_to: Day of the edition that replaced it; 9999-12-31 while none has.
--   recorded_from: Moment we recorded the version.
--   recorded_to: Moment from which we knew a newer one; the end of 9999 while there is
--     none.
--   is_latest: Whether this is the version as now known.
--   _load_id: Load that brought the row.
--   _extract_id: File or page that the row stood in.
--   _row: Line of the file on which the record begins.
-- tests:
--   - unique: [measure_key, organisation_key, area_key, breakdown_key, period_key,
--       version_number]
--   - not_null: [measure_key, organisation_key, area_key, breakdown_key, period_key,
--       value_status]
--   - relationships: measure_key -> core.dim_measures.measure_key
--   - relationships: organisation_key -> core.dim_organisations.organisation_key
--   - relationships: area_key -> core.dim_areas.area_key
--   - relationships: breakdown_key -> core.dim_breakdowns.breakdown_key
--   - relationships: period_key -> core.dim_periods.period_key
--   - holds: recorded_from <= recorded_to and published_from <= published_to

select
    coalesce(measures.measure_key, -1) as measure_key,
    coalesce(organisations.organisation_key, -1) as organisation_key,
    coalesce(areas.area_key, -1) as area_key,
    coalesce(breakdowns.breakdown_key, -1) as breakdown_key,
    coalesce(periods.period_key, -1) as period_key,
    versions.version_number,
    versions.value,
    versions.numerator,
    versions.denominator,
    versions.value_status,
    versions.publication_status,
    versions.is_restated,
    versions.published_from,
    versions.published_to,
    versions.recorded_from,
    versions.recorded_to,
    versions.is_latest,
    versions._load_id,
    versions._extract_id,
    versions._row
from intermediate.int_versions_numbered as versions
left join core.dim_measures as measures
    on versions.measure_code = measures.measure_code and measures.is_current
left join core.dim_periods as periods
    on versions.period_code = periods.period_code
left join core.dim_breakdowns as breakdowns
    on versions.breakdown_code = breakdowns.breakdown_code
left join core.dim_organisations as organisations
    on
        versions.organisation_code = organisations.organisation_code
        and coalesce(periods.end_date, date '9999-12-30') >= organisations.valid_from
        and coalesce(periods.end_date, date '9999-12-30') < organisations.valid_to
left join core.dim_areas as areas
    on
        versions.area_code = areas.area_code
        and coalesce(periods.end_date, date '9999-12-30') >= areas.valid_from
        and coalesce(periods.end_date, date '9999-12-30') < areas.valid_to
