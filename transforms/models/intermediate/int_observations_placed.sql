-- One row per measure, organisation, area, breakdown and period, as now known, with the
-- organisation it belongs to: the one the measure gives, else the one its area lies in
-- (int_areas_placed), else none (a country or region). Where several source rows meet in
-- one observation, the one of the newest edition counts, of one edition the one landed
-- last, then the later line (GEO-6); source_rows and is_conflict tell of the others. A
-- value is kept only where its status is ok, provisional or estimated; a value without
-- status is ok, none without status is missing.
--
-- materialized: partition(measure_code)
-- grain: [measure_code, organisation_code, area_code, breakdown_code, period_code]
-- columns:
--   measure_code: Code of the measure in the handbook.
--   organisation_code: GSS code of the organisation; null where the area is a country, a
--     region or unknown.
--   area_code: Code of the area.
--   breakdown_code: The cut of the population, "all" or name and text.
--   period_code: Canonical code of the period.
--   value: The value, unrounded; null where its status says why there is none.
--   numerator: What was counted, where the measure has counts.
--   denominator: What it was counted out of.
--   value_status: ok, provisional or estimated with a value; missing, suppressed and
--     others without.
--   published_at: Edition of the source; null where it has none.
--   source_rows: Source rows that meet in this observation.
--   is_conflict: Whether those rows have different values.
--   _load_id: Load that brought the row.
--   _extract_id: File or page that the row stood in.
--   _row: Line of the file on which the record begins.
-- tests:
--   - unique: [measure_code, organisation_code, area_code, breakdown_code, period_code]
--   - not_null: [measure_code, area_code, breakdown_code, period_code, value_status]
--   - holds: value is null or value_status in ('ok', 'provisional', 'estimated')
--   - holds: value is not null or value_status not in ('ok', 'provisional', 'estimated')

with placed as (
    select
        observations.measure_code,
        coalesce(observations.organisation_code, areas.organisation_code)
            as organisation_code,
        coalesce(
            observations.area_code, observations.organisation_code, 'unknown'
        ) as area_code,
        coalesce(observations.breakdown_code, 'all') as breakdown_code,
        coalesce(observations.period_code, 'unknown') as period_code,
        observed_value(observations.value, observations.value_status) as value,
        observations.numerator,
        observations.denominator,
        observed_status(observations.value, observations.value_status) as value_status,
        observations.published_at,
        observations._load_id,
        observations._extract_id,
        observations._row,
        coalesce(observations.is_only_row, false) as is_only_row
    from intermediate.int_observations as observations
    left join intermediate.int_areas_placed as areas
        on observations.area_code = areas.area_code
),

-- Few observations have more than one source row, none where the dataset's key rules it
-- out, and only those that may are counted and put in order.
several as (
    select *
    from placed
    where not is_only_row
),

shared as (
    select
        measure_code,
        coalesce(organisation_code, '') as organisation_key,
        area_code,
        breakdown_code,
        period_code,
        count(*) as source_rows,
        coalesce(min(value) <> max(value), false) as is_conflict
    from several
    group by
        measure_code,
        coalesce(organisation_code, ''),
        area_code,
        breakdown_code,
        period_code
    having count(*) > 1
),

counted as (
    select
        several.*,
        coalesce(shared.source_rows, 1) as source_rows,
        coalesce(shared.is_conflict, false) as is_conflict
    from several
    left join shared
        on
            several.measure_code = shared.measure_code
            and several.area_code = shared.area_code
            and several.period_code = shared.period_code
            and several.breakdown_code = shared.breakdown_code
            and coalesce(several.organisation_code, '') = shared.organisation_key
),

numbered as (
    select
        *,
        row_number() over (
            partition by
                measure_code, organisation_code, area_code, breakdown_code, period_code
            order by
                published_at desc nulls last,
                _load_id desc nulls last,
                _extract_id desc nulls last,
                _row desc nulls last
        ) as choice
    from counted
    where source_rows > 1
),

chosen as (
    select
        *,
        1 as source_rows,
        false as is_conflict,
        1 as choice
    from placed
    where is_only_row
    union all
    select
        *,
        1 as choice
    from counted
    where source_rows = 1
    union all
    select *
    from numbered
)

select
    measure_code,
    organisation_code,
    area_code,
    breakdown_code,
    period_code,
    value,
    numerator,
    denominator,
    value_status,
    published_at,
    source_rows,
    is_conflict,
    _load_id,
    _extract_id,
    _row
from chosen
where choice = 1
