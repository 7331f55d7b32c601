-- One row per period of a reporting cycle that has ended by the day of the run and live
-- measure that it reports: the last day of the measure's period whose value the cut-off
-- wants. That is the latest period, a whole number of steps of the measure's frequency
-- from its latest value, that ends with the cycle's period or before it, and early enough
-- for the measure's usual lag. It is null for a measure that never had a value. Measures
-- that come at no fixed step owe nothing by any day, and a measure owes nothing for
-- periods before its own first day; both have no row.
--
-- materialized: table
-- grain: [cycle_code, cycle_period_code, measure_code]
-- columns:
--   cycle_code: Code of the reporting cycle.
--   cycle_period_code: Code of the cycle's period.
--   measure_code: Code of the measure.
--   expected_end_date: Last day of the measure's period that the cut-off wants.
-- tests:
--   - unique: [cycle_code, cycle_period_code, measure_code]
--   - not_null: [cycle_code, cycle_period_code, measure_code]

-- A measure that stands in two sets of a period is reported once.
with members as (
    select
        sets.cycle_code,
        sets.period_code,
        links.measure_code
    from handbook.reporting_cycle_sets as sets
    inner join handbook.measure_links as links
        on
            sets.link_kind = links.link_kind
            and sets.link_code = links.link_code
    union
    select
        cycles.cycle_code,
        cycles.period_code,
        measures.measure_code
    from handbook.reporting_cycles as cycles
    inner join handbook.measures as measures
        on cycles.is_of_all
),

reported as (
    select
        cycles.cycle_code,
        cycles.period_code,
        cycles.end_date,
        cycles.cut_off_date,
        measures.measure_code,
        measures.frequency,
        measures.reporting_lag_days
    from members
    inner join handbook.reporting_cycles as cycles
        on
            members.cycle_code = cycles.cycle_code
            and members.period_code = cycles.period_code
    inner join handbook.measures as measures
        on members.measure_code = measures.measure_code
    inner join meta.run_date
        on cycles.end_date < run_date.run_date
    where
        coalesce(measures.status, 'live') = 'live'
        and coalesce(measures.valid_from, cycles.end_date) <= cycles.end_date
        and step_end(cycles.end_date, measures.frequency, 1) is not null
)

select
    reported.cycle_code,
    reported.period_code as cycle_period_code,
    reported.measure_code,
    last_step_end(
        latest.end_date,
        reported.frequency,
        least(
            reported.end_date,
            reported.cut_off_date - coalesce(reported.reporting_lag_days, 0)
        )
    ) as expected_end_date
from reported
left join intermediate.int_observations_compared as latest
    on reported.measure_code = latest.measure_code and latest.is_latest
