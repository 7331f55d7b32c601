-- One row per period of a reporting cycle that has begun by the day of the run or begins
-- within a year of it: by when figures must be in, when the report is signed off and when
-- it is published. Later periods follow as time goes on.
--
-- materialized: table
-- grain: reporting_cycle_key
-- columns:
--   reporting_cycle_key: Key of the cycle's period.
--   cycle_code: Code of the reporting cycle.
--   cycle_name: Name of the reporting cycle.
--   frequency: How often the cycle comes round.
--   period_code: Code of the period that is reported.
--   period_label: The period as people write it.
--   start_date: First day of the period.
--   end_date: Last day of the period.
--   remind_date: Day from which those who owe figures are reminded; null where they are
--     not.
--   cut_off_date: Day by which figures must be in.
--   sign_off_date: Day by which the report is signed off; null where there is none.
--   publish_date: Day on which it is published; null where there is none.
--   release_name: Name of the release that readers see on that day; null where it gets
--     none.
--   focus: What the period is about, where that goes by turns.
--   is_of_all: Whether every live measure is reported.
-- tests:
--   - unique: reporting_cycle_key
--   - unique: [cycle_code, period_code]
--   - not_null: [reporting_cycle_key, cycle_code, period_code, cut_off_date]
--   - holds: start_date <= end_date
--   - holds: cut_off_date <= publish_date

select
    row_number() over (
        order by cycles.cycle_code, cycles.end_date, cycles.period_code
    ) as reporting_cycle_key,
    cycles.cycle_code,
    cycles.cycle_name,
    cycles.frequency,
    cycles.period_code,
    cycles.period_label,
    cycles.start_date,
    cycles.end_date,
    cycles.remind_date,
    cycles.cut_off_date,
    cycles.sign_off_date,
    cycles.publish_date,
    cycles.release_name,
    cycles.focus,
    cycles.is_of_all
from handbook.reporting_cycles as cycles
inner join meta.run_date
    on cycles.start_date <= run_date.run_date + 365
