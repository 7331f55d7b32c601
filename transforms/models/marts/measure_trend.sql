-- One row per period of a measure for the reporting council: value, target, status,
-- directions, peers and how often the value was restated. The series is that of
-- int_observations_compared: the council's own area, or its only place with the measure.
-- The latest period is that of int_observations_compared. The national value is that of
-- the council's nation for the same period.
--
-- materialized: partition(measure_code)
-- lookups: meta.stored_loads
-- grain: [measure_code, area_code, period_code]
-- columns:
--   measure_code: Code of the measure.
--   measure_name: Name of the measure.
--   organisation_code: GSS code of the council.
--   area_code: Code of the area the value is of.
--   period_code: Canonical code of the period.
--   period_label: The period as people write it.
--   value: The value, unrounded; null where its status says why there is none.
--   numerator: What was counted, where the measure has counts.
--   denominator: What it was counted out of.
--   value_status: ok, provisional or estimated with a value; missing, suppressed and
--     others without.
--   unit: Unit of the value.
--   polarity: higher or lower is better, band, or context where nothing is better.
--   target: The target of the period; null for a band.
--   rag: green, amber or red; null where there is no status.
--   rag_reason: Why there is no status; null where there is one.
--   variance: Value minus target, in the measure's units.
--   direction_short: Direction since one step of the frequency earlier; not_applicable
--     for cumulative values.
--   direction_long: Direction since a year ago.
--   previous_period_code: Period one step of the frequency earlier (a year earlier for
--     cumulative values), where observed.
--   previous_value: Value of that period.
--   previous_overlaps: Whether that period shares days with this one.
--   year_ago_period_code: The same period a year earlier, where observed.
--   year_ago_value: Value of that period.
--   target_low: Lower bound of the band.
--   target_high: Upper bound of the band.
--   target_version: Version of the target.
--   target_note: What its line, else the head of its file, says of the target.
--   rag_note: What else a reader should know of the status.
--   variance_percent: Variance as a percentage of the target's size; null for a target
--     of zero.
--   rounds_to_target: Whether value and target are displayed alike though the status is
--     not green.
--   peer_group: Group of councils it is compared with; null where there is none.
--   peer_group_version: Version of the group.
--   peer_mean: Mean of the peers with a value, without the council; null below 3.
--   peer_median: Median of the same.
--   peer_count: Peers with a value.
--   peer_members: Members of the group.
--   peer_coverage_warning: Whether fewer than 60 % of the members have a value.
--   rank: Rank of the council among its peers, 1 the best or highest.
--   rank_of: How many are ranked.
--   quartile: Quartile of the rank, 1 the best or highest; null below 4 ranked.
--   national_value: Value of the nation for the same period.
--   version_count: Versions of the value that were recorded.
--   is_restated: Whether a later version differed from the one before.
--   first_value: The value as it was first recorded.
--   data_as_at: Edition of the source, else the day of the load.
--   start_date: First day of the period.
--   end_date: Last day of the period.
--   is_latest: Whether this is the latest period of the measure.
--   _load_id: Load that brought the row.
--   _extract_id: File or page that the row stood in.
--   _row: Line of the file on which the record begins.
-- tests:
--   - unique: [measure_code, area_code, period_code]
--   - not_null: [measure_code, measure_name, organisation_code, period_code,
--       value_status]
--   - holds: (rag is null) <> (rag_reason is null)

with versions as (
    select
        recorded.measure_code,
        recorded.organisation_code,
        recorded.area_code,
        recorded.period_code,
        max(recorded.version_number) as version_count,
        max(case when recorded.is_restated then 1 else 0 end) = 1 as is_restated,
        max(case when recorded.version_number = 1 then recorded.value end) as first_value
    from intermediate.int_versions_numbered as recorded
    inner join handbook.council
        on recorded.organisation_code = council.organisation_code
    where recorded.breakdown_code = 'all'
    group by
        recorded.measure_code,
        recorded.organisation_code,
        recorded.area_code,
        recorded.period_code
)

select
    compared.measure_code,
    coalesce(measures.name, compared.measure_code) as measure_name,
    compared.organisation_code,
    compared.area_code,
    compared.period_code,
    coalesce(periods.period_label, compared.period_code) as period_label,
    compared.value,
    compared.numerator,
    compared.denominator,
    compared.value_status,
    measures.unit,
    coalesce(measures.polarity, 'context') as polarity,
    rated.target,
    rated.rag,
    rated.rag_reason,
    rated.variance,
    compared.direction_short,
    compared.direction_long,
    compared.previous_period_code,
    compared.previous_value,
    compared.previous_overlaps,
    compared.year_ago_period_code,
    compared.year_ago_value,
    rated.target_low,
    rated.target_high,
    cast(rated.target_version as bigint) as target_version,
    rated.target_note,
    rated.rag_note,
    rated.variance_percent,
    rated.rounds_to_target,
    peers.peer_group,
    peers.peer_group_version,
    peers.peer_mean,
    peers.peer_median,
    peers.peer_count,
    peers.peer_members,
    peers.peer_coverage_warning,
    peers.rank,
    peers.rank_of,
    peers.quartile,
    national.value as national_value,
    coalesce(versions.version_count, 1) as version_count,
    coalesce(versions.is_restated, false) as is_restated,
    case
        when versions.measure_code is null then compared.value
        else versions.first_value
    end as first_value,
    coalesce(compared.published_at, loads.data_as_at) as data_as_at,
    compared.start_date,
    compared.end_date,
    compared.is_latest,
    compared._load_id,
    compared._extract_id,
    compared._row
from intermediate.int_observations_compared as compared
left join handbook.measures as measures
    on compared.measure_code = measures.measure_code
left join reference.periods as periods
    on compared.period_code = periods.period_code
left join intermediate.int_observations_rated as rated
    on
        compared.measure_code = rated.measure_code
        and compared.area_code = rated.area_code
        and compared.period_code = rated.period_code
left join marts.benchmarks as peers
    on
        compared.measure_code = peers.measure_code
        and compared.period_code = peers.period_code
        and compared.area_code = peers.organisation_code
left join intermediate.int_observations_placed as national
    on
        compared.measure_code = national.measure_code
        and compared.period_code = national.period_code
        and national.area_code = national_area(compared.organisation_code)
        and national.breakdown_code = 'all'
left join versions
    on
        compared.measure_code = versions.measure_code
        and compared.organisation_code = versions.organisation_code
        and compared.area_code = versions.area_code
        and compared.period_code = versions.period_code
left join meta.stored_loads as loads
    on compared._load_id = loads.load_id
