-- One row per live measure for the reporting council: its latest value, target, status,
-- direction of travel, peers and whether the next value is late. A measure without any
-- observation keeps its row, with the reason no_data (context for a context measure).
-- The next value is due reporting_lag_days after the end of the period that follows the
-- latest one by a step of the measure's frequency; on a later day of the run it is late.
-- Without a lag, a fixed step or a value nobody knows, and is_late is null. Where a source
-- of the measure cannot be read, the value is the last that came, and stale_since says
-- since when. Priority, outcome and theme are those of marts.handbook.
--
-- materialized: table
-- grain: measure_code
-- columns:
--   measure_code: Code of the measure.
--   measure_name: Name of the measure.
--   organisation_code: GSS code of the council.
--   area_code: Code of the area the value is of; the council's own, or the only place
--     with the measure.
--   period_code: Canonical code of the latest period; null where there is none.
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
--   rag_reason: Why there is no status, context, no_target, no_data, suppressed or
--     not_due; null where there is one.
--   variance: Value minus target, in the measure's units.
--   direction_short: Direction since one step of the frequency earlier; not_applicable
--     for cumulative values.
--   direction_long: Direction since a year ago.
--   previous_period_code: Period one step of the frequency earlier (a year earlier for
--     cumulative values), where observed.
--   previous_value: Value of that period.
--   peer_group: Group of councils it is compared with; null where there is none.
--   peer_mean: Mean of the peers with a value, without the council; null below 3.
--   peer_median: Median of the same.
--   peer_count: Peers with a value.
--   rank: Rank of the council among its peers, 1 the best or highest.
--   rank_of: How many are ranked.
--   quartile: Quartile of the rank, 1 the best or highest; null below 4 ranked.
--   national_value: Value of the nation for the same period.
--   priority: Priority of the plan that the measure serves.
--   owner: Post answerable for the measure.
--   data_as_at: Edition of the source, else the day of the load.
--   is_late: Whether the next value is overdue on the day of the run; null where that
--     cannot be told.
--   next_due_date: Day by which the next value is due.
--   peer_group_version: Version of the peer group.
--   peer_members: Members of the group.
--   peer_coverage_warning: Whether fewer than 60 % of the members have a value.
--   outcome: Outcome of the plan that the measure serves.
--   theme: Theme that it belongs to.
--   directorate: Directorate.
--   decimals: Decimal places to display.
--   frequency: How often a value is due.
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
--   is_restated: Whether the value was ever restated.
--   stale_since: Day since which a source of the measure cannot be read, so that its values
--     are those of before; null where all can.
--   _load_id: Load that brought the row.
--   _extract_id: File or page that the row stood in.
--   _row: Line of the file on which the record begins.
-- tests:
--   - unique: measure_code
--   - not_null: [measure_code, measure_name, organisation_code, value_status, polarity]
--   - holds: (rag is null) <> (rag_reason is null)
--   - accepted_values: {column: rag, values: [green, amber, red]}
--   - accepted_values:
--       column: rag_reason
--       values: [context, no_target, no_data, suppressed, not_due, provisional_hidden]

with stale as (
    select
        supplied.measure_code,
        min(datasets.stale_since) as stale_since
    from intermediate.int_measures_supplied as supplied
    inner join meta.datasets
        on
            supplied.source = datasets.source
            and supplied.dataset = datasets.dataset
    where datasets.is_stale
    group by supplied.measure_code
)

select
    measures.measure_code,
    coalesce(measures.name, measures.measure_code) as measure_name,
    council.organisation_code,
    coalesce(latest.area_code, council.organisation_code) as area_code,
    latest.period_code,
    latest.period_label,
    latest.value,
    latest.numerator,
    latest.denominator,
    coalesce(latest.value_status, 'missing') as value_status,
    measures.unit,
    coalesce(measures.polarity, 'context') as polarity,
    latest.target,
    latest.rag,
    case
        when latest.measure_code is not null then latest.rag_reason
        else rag_reason(null, 'missing', false, measures.polarity, measures.influence)
    end as rag_reason,
    latest.variance,
    case
        when latest.direction_short is not null then latest.direction_short
        when measures.accumulation = 'cumulative' then 'not_applicable'
        else 'not_comparable'
    end as direction_short,
    coalesce(latest.direction_long, 'not_comparable') as direction_long,
    latest.previous_period_code,
    latest.previous_value,
    measures.peer_group,
    latest.peer_mean,
    latest.peer_median,
    latest.peer_count,
    latest.rank,
    latest.rank_of,
    latest.quartile,
    latest.national_value,
    entries.priority,
    measures.owner,
    latest.data_as_at,
    run_date.run_date
    > step_end(latest.end_date, measures.frequency, 1) + measures.reporting_lag_days
        as is_late,
    step_end(latest.end_date, measures.frequency, 1) + measures.reporting_lag_days
        as next_due_date,
    latest.peer_group_version,
    latest.peer_members,
    latest.peer_coverage_warning,
    entries.outcome,
    entries.theme,
    measures.directorate,
    cast(measures.decimals as bigint) as decimals,
    measures.frequency,
    latest.year_ago_period_code,
    latest.year_ago_value,
    latest.target_low,
    latest.target_high,
    latest.target_version,
    latest.target_note,
    latest.rag_note,
    latest.variance_percent,
    latest.rounds_to_target,
    coalesce(latest.is_restated, false) as is_restated,
    stale.stale_since,
    latest._load_id,
    latest._extract_id,
    latest._row
from handbook.measures as measures
inner join handbook.council
    on 1 = 1
left join meta.run_date
    on 1 = 1
left join marts.measure_trend as latest
    on measures.measure_code = latest.measure_code and latest.is_latest
left join marts.handbook as entries
    on measures.measure_code = entries.measure_code
left join stale
    on measures.measure_code = stale.measure_code
where coalesce(measures.status, 'live') = 'live'
