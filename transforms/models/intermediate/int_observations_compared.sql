-- One row per period of a measure for the reporting council: the value beside the one
-- before and the one a year ago. The council's series is that of its own area, breakdown
-- all. A measure with no observation there is shown at the one place within the council
-- where it has them, such as a measuring station; with several such places it has no
-- series. The period before is the one of the same basis and length that ends one step
-- of the measure's frequency earlier, found by its dates (DOT-1): where no observation
-- ends just there, nothing is compared, and never the row before instead. A cumulative
-- value has no short direction and is compared with the year before only: within a year
-- with the same months of the year before, over more than a year with the period from
-- the same start (DOT-2). A break in series between two periods makes them not
-- comparable (DOT-5). A new definition without a declared break does not: the whole
-- series is always computed by the definition as it stands. The latest period is the last
-- that has something to say: a value, or a status other than missing and not_due. Where
-- none has, it is the last of all.
--
-- materialized: partition(measure_code)
-- grain: [measure_code, area_code, period_code]
-- columns:
--   measure_code: Code of the measure.
--   organisation_code: GSS code of the reporting council.
--   area_code: Code of the area the value is of.
--   period_code: Canonical code of the period.
--   start_date: First day of the period.
--   end_date: Last day of the period.
--   value: The value, unrounded; null where its status says why there is none.
--   numerator: What was counted, where the measure has counts.
--   denominator: What it was counted out of.
--   value_status: ok, provisional or estimated with a value; missing, suppressed and
--     others without.
--   previous_period_code: Period one step of the frequency earlier (a year earlier for
--     cumulative values), where observed.
--   previous_value: Value of that period.
--   previous_overlaps: Whether that period shares days with this one, as rolling and
--     pooled years do.
--   year_ago_period_code: The same period a year earlier, where observed.
--   year_ago_value: Value of that period.
--   direction_short: Direction since the previous period; not_applicable for cumulative
--     values.
--   direction_long: Direction since a year ago.
--   is_latest: Whether it is the measure's latest period with something to say.
--   published_at: Edition of the source; null where it has none.
--   _load_id: Load that brought the row.
--   _extract_id: File or page that the row stood in.
--   _row: Line of the file on which the record begins.
-- tests:
--   - unique: [measure_code, area_code, period_code]
--   - not_null: [measure_code, organisation_code, area_code, period_code,
--       direction_short, direction_long]
--   - accepted_values:
--       column: direction_short
--       values: [improving, worsening, no_change, increasing, decreasing,
--         not_comparable, not_applicable]
--   - accepted_values:
--       column: direction_long
--       values: [improving, worsening, no_change, increasing, decreasing,
--         not_comparable]

with council_observations as (
    select
        observations.measure_code,
        observations.organisation_code,
        observations.area_code,
        observations.period_code,
        observations.value,
        observations.numerator,
        observations.denominator,
        observations.value_status,
        observations.published_at,
        observations._load_id,
        observations._extract_id,
        observations._row
    from intermediate.int_observations_placed as observations
    inner join handbook.council
        on observations.organisation_code = council.organisation_code
    where observations.breakdown_code = 'all'
),

places as (
    select
        measure_code,
        sum(case when area_code = organisation_code then 1 else 0 end) as own_rows,
        min(area_code) as only_area_code,
        count(distinct area_code) as area_count
    from council_observations
    group by measure_code
),

series as (
    select
        council_observations.*,
        periods.start_date,
        periods.end_date,
        periods.basis,
        periods.length_months,
        measures.polarity,
        measures.decimals,
        measures.dot_min_change,
        measures.band_low,
        measures.band_high,
        coalesce(measures.accumulation, 'flow') = 'cumulative' as is_cumulative,
        step_end(periods.end_date, measures.frequency, -1) as previous_end_date,
        year_ago_end(periods.end_date, measures.frequency) as year_ago_end_date
    from council_observations
    inner join places
        on council_observations.measure_code = places.measure_code
    left join reference.periods as periods
        on council_observations.period_code = periods.period_code
    left join handbook.measures as measures
        on council_observations.measure_code = measures.measure_code
    where
        (
            places.own_rows > 0
            and council_observations.area_code = council_observations.organisation_code
        )
        or (
            places.own_rows = 0
            and places.area_count = 1
            and council_observations.area_code = places.only_area_code
        )
),

paired as (
    select
        series.*,
        year_ago.period_code as year_ago_period_code,
        year_ago.value as year_ago_value,
        year_ago.end_date as year_ago_found_date,
        case
            when series.is_cumulative then year_ago.period_code
            else previous.period_code
        end as previous_period_code,
        case
            when series.is_cumulative then year_ago.value
            else previous.value
        end as previous_value,
        case
            when series.is_cumulative then year_ago.end_date
            else previous.end_date
        end as previous_found_date
    from series
    left join series as previous
        on
            series.measure_code = previous.measure_code
            and series.area_code = previous.area_code
            and series.basis = previous.basis
            and series.length_months = previous.length_months
            and series.previous_end_date = previous.end_date
    left join series as year_ago
        on
            series.measure_code = year_ago.measure_code
            and series.area_code = year_ago.area_code
            and series.basis = year_ago.basis
            and series.year_ago_end_date = year_ago.end_date
            and case
                when series.is_cumulative and series.length_months > 12
                    then series.start_date = year_ago.start_date
                else series.length_months = year_ago.length_months
            end
),

breaks as (
    select
        measure_code,
        valid_from
    from intermediate.int_measures_versioned
    where break_in_series
),

broken as (
    select
        paired.measure_code,
        paired.area_code,
        paired.period_code,
        max(case when breaks.valid_from > paired.previous_found_date then 1 else 0 end)
            as breaks_before,
        max(case when breaks.valid_from > paired.year_ago_found_date then 1 else 0 end)
            as breaks_in_year
    from paired
    inner join breaks
        on
            paired.measure_code = breaks.measure_code
            and paired.end_date >= breaks.valid_from
    group by paired.measure_code, paired.area_code, paired.period_code
)

select
    paired.measure_code,
    paired.organisation_code,
    paired.area_code,
    paired.period_code,
    paired.start_date,
    paired.end_date,
    paired.value,
    paired.numerator,
    paired.denominator,
    paired.value_status,
    paired.previous_period_code,
    paired.previous_value,
    coalesce(paired.previous_found_date >= paired.start_date, false)
    and not paired.is_cumulative as previous_overlaps,
    paired.year_ago_period_code,
    paired.year_ago_value,
    case
        when paired.is_cumulative then 'not_applicable'
        when broken.breaks_before = 1 then 'not_comparable'
        else direction(
            paired.value,
            paired.previous_value,
            paired.polarity,
            paired.decimals,
            paired.dot_min_change,
            paired.band_low,
            paired.band_high
        )
    end as direction_short,
    case
        when broken.breaks_in_year = 1 then 'not_comparable'
        else direction(
            paired.value,
            paired.year_ago_value,
            paired.polarity,
            paired.decimals,
            paired.dot_min_change,
            paired.band_low,
            paired.band_high
        )
    end as direction_long,
    row_number() over (
        partition by paired.measure_code
        order by
            case when paired.value_status in ('missing', 'not_due') then 1 else 0 end,
            paired.end_date desc nulls last,
            paired.start_date desc nulls last,
            paired.period_code
    ) = 1 as is_latest,
    paired.published_at,
    paired._load_id,
    paired._extract_id,
    paired._row
from paired
left join broken
    on
        paired.measure_code = broken.measure_code
        and paired.area_code = broken.area_code
        and paired.period_code = broken.period_code
