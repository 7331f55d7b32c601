-- One row per version of a measure's definition, with the days on which it is valid, and
-- the unknown measure, key -1. Every observation belongs to the current version, because
-- the whole series is computed by the definition as it stands; what a past day went by
-- is found by valid_from <= day and day < valid_to.
--
-- materialized: table
-- grain: measure_key
-- columns:
--   measure_key: Key of the version; -1 unknown.
--   measure_code: Code of the measure, the same for all its versions.
--   version: Number of the version, from 1.
--   measure_name: Name of the measure.
--   short_name: Name for narrow places.
--   description: What is measured.
--   unit: Unit of the value.
--   decimals: Decimal places displayed; values are stored unrounded.
--   polarity: higher or lower is better, band, or context where nothing is better.
--   band_low: Lower bound of the band that is best.
--   band_high: Upper bound of that band.
--   value_type: count, percentage, rate and so on.
--   multiplier: What a ratio is multiplied by, such as 100.
--   measure_kind: outcome, output, input, efficiency, satisfaction, activity or context.
--   influence: Whether the council controls it, influences it or it only describes the
--     place.
--   is_compliance: Whether it is met or not met, without tolerance.
--   statutory_return: Statutory return that it comes from.
--   frequency: How often a value is due.
--   period_basis: Year that its periods follow.
--   reporting_lag_days: Normal days from the end of a period to its value.
--   accumulation: flow, cumulative, snapshot or rolling.
--   time_aggregation: How shorter periods make a longer one.
--   geo_aggregation: How areas make a larger area.
--   peer_group: Group of councils it is compared with.
--   rag_scheme: How a status is found.
--   tolerance_kind: relative, absolute or none.
--   tolerance_value: Share of the target, or units of the measure.
--   owner: Post answerable for the measure.
--   data_owner: Post answerable for its data.
--   submitter: Who sends the data.
--   portfolio_holder: Cabinet member.
--   directorate: Directorate.
--   status: draft, live, suspended or retired.
--   valid_from: First day on which the version is valid.
--   valid_to: Day on which it is no longer valid; 9999-12-31 while it is.
--   is_current: Whether the handbook holds this version now.
--   break_in_series: Whether values before and after valid_from are not comparable.
--   break_note: Why not.
--   change_reason: Why the definition changed.
--   definition_hash: Mark of the definition; another one is another version.
-- tests:
--   - unique: measure_key
--   - unique: [measure_code, version]
--   - not_null: [measure_key, measure_code, version]
--   - holds: valid_from <= valid_to

select
    row_number() over (order by versions.measure_code, versions.version) as measure_key,
    versions.measure_code,
    versions.version,
    history.name as measure_name,
    history.short_name,
    history.description,
    history.unit,
    history.decimals,
    coalesce(history.polarity, 'context') as polarity,
    history.band_low,
    history.band_high,
    history.value_type,
    history.multiplier,
    history.measure_kind,
    history.influence,
    coalesce(history.compliance, false) as is_compliance,
    history.statutory_return,
    history.frequency,
    history.period_basis,
    history.reporting_lag_days,
    history.accumulation,
    history.time_aggregation,
    history.geo_aggregation,
    history.peer_group,
    history.rag_scheme,
    history.tolerance_kind,
    history.tolerance_value,
    history.owner,
    history.data_owner,
    history.submitter,
    history.portfolio_holder,
    history.directorate,
    history.status,
    versions.valid_from,
    versions.valid_to,
    versions.is_current,
    versions.break_in_series,
    history.break_note,
    history.change_reason,
    history.definition_hash
from intermediate.int_measures_versioned as versions
inner join handbook.measures_history as history
    on
        versions.measure_code = history.measure_code
        and versions.version_number = history.version_number
union all
select
    -1 as measure_key,
    'unknown' as measure_code,
    0 as version,
    'Unknown' as measure_name,
    null as short_name,
    null as description,
    null as unit,
    null as decimals,
    'context' as polarity,
    null as band_low,
    null as band_high,
    null as value_type,
    null as multiplier,
    null as measure_kind,
    null as influence,
    false as is_compliance,
    null as statutory_return,
    null as frequency,
    null as period_basis,
    null as reporting_lag_days,
    null as accumulation,
    null as time_aggregation,
    null as geo_aggregation,
    null as peer_group,
    null as rag_scheme,
    null as tolerance_kind,
    null as tolerance_value,
    null as owner,
    null as data_owner,
    null as submitter,
    null as portfolio_holder,
    null as directorate,
    null as status,
    date '1900-01-01' as valid_from,
    date '9999-12-31' as valid_to,
    false as is_current,
    false as break_in_series,
    null as break_note,
    null as change_reason,
    null as definition_hash
