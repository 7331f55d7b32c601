-- One row per version of an observation that has had more than one, or was withdrawn:
-- what a source row said, from the day its edition was published and from the moment we
-- recorded it, to the next. Most observations have one version, which is the observation
-- as int_observations_placed has it, and no row here. Versions are
-- numbered in the order of their editions, within one edition in the order in which they
-- were recorded. A row that vanished from its source closes the version before it and is
-- no version itself. A version that is overtaken at once, by another of its load or its
-- edition, has no time at all, and neither has an older edition that comes after a newer
-- one: so at any moment, and on any day, one version at most is known. Known at a moment
-- t: recorded_from <= t and t < recorded_to. Known on a day d by the source's editions:
-- published_from <= d and d < published_to. A source without editions counts as
-- published on the local day of the load.
--
-- materialized: partition(measure_code)
-- grain: [measure_code, organisation_code, area_code, breakdown_code, period_code,
--   version_number]
-- columns:
--   measure_code: Code of the measure in the handbook.
--   organisation_code: GSS code of the organisation; null where the area is a country, a
--     region or unknown.
--   area_code: Code of the area.
--   breakdown_code: The cut of the population, "all" or name and text.
--   period_code: Canonical code of the period.
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
--   - unique: [measure_code, organisation_code, area_code, breakdown_code, period_code,
--       version_number]
--   - not_null: [measure_code, area_code, breakdown_code, period_code, value_status,
--       recorded_from, recorded_to]
--   - holds: recorded_from <= recorded_to and published_from <= published_to
--   - accepted_values: {column: publication_status, values: [provisional, revised,
--       final]}

-- Where a row was replaced or several meet, there may be more than one version.
with touched as (
    select
        coalesce(area_code, organisation_code, 'unknown') as area_code,
        measure_code,
        coalesce(breakdown_code, 'all') as breakdown_code,
        coalesce(period_code, 'unknown') as period_code
    from intermediate.int_observation_versions
    where is_replaced
    union
    select
        area_code,
        measure_code,
        breakdown_code,
        period_code
    from intermediate.int_observations_placed
    where source_rows > 1
),

placed as (
    select
        versions.measure_code,
        coalesce(versions.organisation_code, areas.organisation_code)
            as organisation_code,
        touched.area_code,
        touched.breakdown_code,
        touched.period_code,
        observed_value(versions.value, versions.value_status) as value,
        versions.numerator,
        versions.denominator,
        observed_status(versions.value, versions.value_status) as value_status,
        coalesce(
            versions.published_at, local_date(versions.recorded_at, council.time_zone)
        ) as published_from,
        versions.recorded_at as recorded_from,
        coalesce(versions.is_deleted, false) as is_deleted,
        versions._load_id,
        versions._extract_id,
        versions._row
    from intermediate.int_observation_versions as versions
    inner join touched
        on
            versions.measure_code = touched.measure_code
            and coalesce(versions.area_code, versions.organisation_code, 'unknown')
            = touched.area_code
            and coalesce(versions.period_code, 'unknown') = touched.period_code
            and coalesce(versions.breakdown_code, 'all') = touched.breakdown_code
    left join intermediate.int_areas_placed as areas
        on versions.area_code = areas.area_code
    left join handbook.council
        on 1 = 1
),

counted as (
    select
        *,
        count(*) over (
            partition by
                measure_code, organisation_code, area_code, breakdown_code, period_code
        ) as version_rows
    from placed
),

several as (
    select *
    from counted
    where version_rows > 1 or is_deleted
),

dated as (
    select
        *,
        min(recorded_from) over (
            partition by
                measure_code, organisation_code, area_code, breakdown_code, period_code
            order by
                published_from,
                _load_id nulls first,
                is_deleted desc,
                _extract_id nulls first,
                _row nulls first
            rows between 1 following and unbounded following
        ) as next_recorded_from,
        lead(published_from) over (
            partition by
                measure_code, organisation_code, area_code, breakdown_code, period_code
            order by
                published_from,
                _load_id nulls first,
                is_deleted desc,
                _extract_id nulls first,
                _row nulls first
        ) as next_published_from
    from several
),

numbered as (
    select
        *,
        row_number() over (
            partition by
                measure_code, organisation_code, area_code, breakdown_code, period_code
            order by
                published_from,
                _load_id nulls first,
                is_deleted desc,
                _extract_id nulls first,
                _row nulls first
        ) as version_number,
        lag(value) over (
            partition by
                measure_code, organisation_code, area_code, breakdown_code, period_code
            order by
                published_from,
                _load_id nulls first,
                is_deleted desc,
                _extract_id nulls first,
                _row nulls first
        ) as value_before,
        lag(value_status) over (
            partition by
                measure_code, organisation_code, area_code, breakdown_code, period_code
            order by
                published_from,
                _load_id nulls first,
                is_deleted desc,
                _extract_id nulls first,
                _row nulls first
        ) as value_status_before
    from dated
    where not is_deleted
),

compared as (
    select
        *,
        value_status_before is not null
        and (
            coalesce(value, 0) <> coalesce(value_before, 0)
            or value_status <> value_status_before
        ) as is_restated
    from numbered
)

select
    measure_code,
    organisation_code,
    area_code,
    breakdown_code,
    period_code,
    version_number,
    value,
    numerator,
    denominator,
    value_status,
    case
        when value_status = 'provisional' then 'provisional'
        when is_restated then 'revised'
        else 'final'
    end as publication_status,
    is_restated,
    published_from,
    coalesce(next_published_from, date '9999-12-31') as published_to,
    recorded_from,
    case
        when next_recorded_from < recorded_from then recorded_from
        else coalesce(next_recorded_from, timestamptz '9999-12-31 00:00:00+00')
    end as recorded_to,
    next_recorded_from is null as is_latest,
    _load_id,
    _extract_id,
    _row
from compared
