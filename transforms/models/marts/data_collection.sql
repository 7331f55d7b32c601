-- One row per live measure and dataset that its values come from: who owes what, when it
-- last came and when it is next due. A measure whose values have not come yet has one
-- row without a dataset. Due dates are those of the scorecard; beside them stands what a
-- reporting cycle still waits for, the earliest cut-off first.
--
-- materialized: table
-- grain: [measure_code, dataset]
-- columns:
--   measure_code: Code of the measure.
--   measure_name: Name of the measure.
--   dataset: Source and dataset that its values come from; none while none came.
--   dataset_description: What the dataset holds.
--   directorate: Directorate of the measure.
--   owner: Post answerable for the measure.
--   data_owner: Post answerable for its data.
--   submitter: Who sends the data; where the handbook names nobody, who the source says
--     does.
--   statutory_return: Statutory return that it comes from.
--   refresh: How often the source says the dataset is renewed.
--   frequency: How often the measure's value is due.
--   last_period_code: Latest period with something to say.
--   last_period_label: That period as people write it.
--   last_edition: Newest edition of the dataset; null where it has none.
--   last_load_date: Day of its newest load that changed something.
--   next_due_date: Day by which the next value is due.
--   is_late: Whether that day is past on the day of the run.
--   days_late: Days since that day; null where it is not late.
--   is_stale: Whether the last look at the source failed.
--   stale_since: Day since which looks at it fail; null where the last one went well.
--   cycle_code: Reporting cycle whose last ended period still waits for the measure's
--     value; null where none does.
--   cycle_period_label: That period as people write it.
--   cut_off_date: Day by which the value must be in for it.
--   cycle_status: awaited before that day, late after it.
-- tests:
--   - unique: [measure_code, dataset]
--   - not_null: [measure_code, measure_name, dataset]
--   - holds: days_late > 0

with loaded as (
    select
        source,
        dataset,
        max(published_at) as last_edition,
        max(recorded_date) as last_load_date
    from meta.stored_loads
    group by source, dataset
),

owed as (
    select
        measure_code,
        cycle_code,
        cycle_period_label,
        cut_off_date,
        status,
        row_number() over (
            partition by measure_code
            order by cut_off_date, cycle_code
        ) as place
    from marts.cycle_returns
    where is_latest_period and status in ('awaited', 'late')
)

select
    scorecard.measure_code,
    scorecard.measure_name,
    coalesce(supplied.source || '.' || supplied.dataset, 'none') as dataset,
    datasets.description as dataset_description,
    scorecard.directorate,
    scorecard.owner,
    measures.data_owner,
    coalesce(measures.submitter, datasets.owner) as submitter,
    measures.statutory_return,
    datasets.refresh,
    scorecard.frequency,
    scorecard.period_code as last_period_code,
    scorecard.period_label as last_period_label,
    loaded.last_edition,
    loaded.last_load_date,
    scorecard.next_due_date,
    scorecard.is_late,
    case
        when scorecard.is_late
            then cast(run_date.run_date - scorecard.next_due_date as bigint)
    end as days_late,
    datasets.is_stale,
    datasets.stale_since,
    owed.cycle_code,
    owed.cycle_period_label,
    owed.cut_off_date,
    owed.status as cycle_status
from marts.scorecard
left join handbook.measures as measures
    on scorecard.measure_code = measures.measure_code
left join intermediate.int_measures_supplied as supplied
    on scorecard.measure_code = supplied.measure_code
left join loaded
    on
        supplied.source = loaded.source
        and supplied.dataset = loaded.dataset
left join meta.datasets
    on
        supplied.source = datasets.source
        and supplied.dataset = datasets.dataset
left join meta.run_date
    on 1 = 1
left join owed
    on scorecard.measure_code = owed.measure_code and owed.place = 1
