-- One row per period of a reporting cycle that has ended by the day of the run and measure
-- that owes it a value: which value that is, when it came, and whether that was by the
-- cut-off. A value that is missing has not come; one that is suppressed, or not there for
-- another reason, has. What came is dated by the load that first brought it.
--
-- materialized: table
-- grain: [cycle_code, cycle_period_code, measure_code]
-- columns:
--   reporting_cycle_key: Key of the cycle's period.
--   cycle_code: Code of the reporting cycle.
--   cycle_name: Name of the reporting cycle.
--   cycle_period_code: Code of the period that is reported.
--   cycle_period_label: The period as people write it.
--   remind_date: Day from which those who owe figures are reminded; null where they are
--     not.
--   cut_off_date: Day by which figures must be in.
--   measure_code: Code of the measure.
--   measure_name: Name of the measure.
--   directorate: Directorate of the measure.
--   owner: Post answerable for the measure.
--   data_owner: Post answerable for its data.
--   submitter: Who sends the data, where the handbook says.
--   frequency: How often the measure's value is due.
--   expected_end_date: Last day of the period whose value is owed; null where the measure
--     never had one.
--   period_code: Code of the period that came; null while it has not.
--   period_label: That period as people write it.
--   last_period_label: Latest period that readers see.
--   arrived_date: Day on which the value came; null while it has not.
--   days_late: Days from the cut-off to that day, or to the day of the run; null where it
--     is not late.
--   status: in_time, came_late, awaited before the cut-off, or late after it.
--   is_latest_period: Whether this is the last period of the cycle that has ended.
-- tests:
--   - unique: [cycle_code, cycle_period_code, measure_code]
--   - not_null: [reporting_cycle_key, cycle_code, cycle_period_code, measure_code, status]
--   - relationships: reporting_cycle_key -> core.dim_reporting_cycles.reporting_cycle_key
--   - accepted_values: {column: status, values: [in_time, came_late, awaited, late]}
--   - holds: days_late > 0

with first_loads as (
    select
        versions.measure_code,
        versions.organisation_code,
        versions.area_code,
        versions.period_code,
        min(loads.recorded_date) as recorded_date
    from intermediate.int_versions_numbered as versions
    inner join meta.stored_loads as loads
        on versions._load_id = loads.load_id
    where versions.breakdown_code = 'all' and versions.value_status <> 'missing'
    group by
        versions.measure_code,
        versions.organisation_code,
        versions.area_code,
        versions.period_code
),

arrived as (
    select
        trend.measure_code,
        trend.end_date,
        min(trend.period_code) as period_code,
        min(trend.period_label) as period_label,
        min(coalesce(first_loads.recorded_date, loads.recorded_date)) as arrived_date
    from marts.measure_trend as trend
    left join meta.stored_loads as loads
        on trend._load_id = loads.load_id
    left join first_loads
        on
            trend.measure_code = first_loads.measure_code
            and trend.organisation_code = first_loads.organisation_code
            and trend.area_code = first_loads.area_code
            and trend.period_code = first_loads.period_code
    where trend.value_status <> 'missing'
    group by trend.measure_code, trend.end_date
),

last_ended as (
    select
        cycle_code,
        max(end_date) as end_date
    from core.dim_reporting_cycles
    inner join meta.run_date
        on dim_reporting_cycles.end_date < run_date.run_date
    group by cycle_code
),

returns as (
    select
        cycles.reporting_cycle_key,
        cycles.cycle_code,
        cycles.cycle_name,
        cycles.period_code as cycle_period_code,
        cycles.period_label as cycle_period_label,
        cycles.remind_date,
        cycles.cut_off_date,
        expected.measure_code,
        expected.expected_end_date,
        arrived.period_code,
        arrived.period_label,
        arrived.arrived_date,
        coalesce(arrived.arrived_date, run_date.run_date) as counted_date,
        last_ended.end_date is not null as is_latest_period
    from intermediate.int_returns_expected as expected
    inner join core.dim_reporting_cycles as cycles
        on
            expected.cycle_code = cycles.cycle_code
            and expected.cycle_period_code = cycles.period_code
    inner join meta.run_date
        on 1 = 1
    left join arrived
        on
            expected.measure_code = arrived.measure_code
            and expected.expected_end_date = arrived.end_date
    left join last_ended
        on
            cycles.cycle_code = last_ended.cycle_code
            and cycles.end_date = last_ended.end_date
)

select
    returns.reporting_cycle_key,
    returns.cycle_code,
    returns.cycle_name,
    returns.cycle_period_code,
    returns.cycle_period_label,
    returns.remind_date,
    returns.cut_off_date,
    returns.measure_code,
    coalesce(measures.name, returns.measure_code) as measure_name,
    measures.directorate,
    measures.owner,
    measures.data_owner,
    measures.submitter,
    measures.frequency,
    returns.expected_end_date,
    returns.period_code,
    returns.period_label,
    latest.period_label as last_period_label,
    returns.arrived_date,
    case
        when returns.counted_date > returns.cut_off_date
            then cast(returns.counted_date - returns.cut_off_date as bigint)
    end as days_late,
    case
        when returns.arrived_date <= returns.cut_off_date then 'in_time'
        when returns.arrived_date is not null then 'came_late'
        when returns.counted_date <= returns.cut_off_date then 'awaited'
        else 'late'
    end as status,
    returns.is_latest_period
from returns
left join handbook.measures as measures
    on returns.measure_code = measures.measure_code
left join marts.measure_trend as latest
    on returns.measure_code = latest.measure_code and latest.is_latest
