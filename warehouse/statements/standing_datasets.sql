-- How fresh each dataset is. A stale one has been so since the first look that went wrong
-- after the last run in which none did; where no such look was noted, since the first run
-- after it.
with looks_by_run as (
    select
        source,
        dataset,
        run_id,
        bool_or(outcome in ('refused', 'failed')) as went_wrong,
        min(case when outcome in ('refused', 'failed') then looked_at end) as wrong_at
    from meta.extracts
    group by
        source,
        dataset,
        run_id
),

last_good as (
    select
        source,
        dataset,
        max(run_id) as run_id
    from looks_by_run
    where not went_wrong
    group by
        source,
        dataset
),

wrong_since as (
    select
        looks_by_run.source,
        looks_by_run.dataset,
        min(looks_by_run.wrong_at) as wrong_at
    from looks_by_run
    left join last_good
        on
            looks_by_run.source = last_good.source
            and looks_by_run.dataset = last_good.dataset
    where looks_by_run.run_id > coalesce(last_good.run_id, 0)
    group by
        looks_by_run.source,
        looks_by_run.dataset
),

last_looks as (
    select
        source,
        dataset,
        max(looked_at) as looked_at,
        max_by(outcome, extract_id) as outcome,
        max_by(coalesce(reason, ''), extract_id) as reason
    from meta.extracts
    group by
        source,
        dataset
),

last_loads as (
    select
        source,
        dataset,
        max(recorded_at) as landed_at,
        max(published_at) as published_at,
        max_by(rows_current, load_id) as rows_current
    from meta.loads
    group by
        source,
        dataset
)

select
    datasets.source,
    datasets.dataset,
    coalesce(datasets.owner, '') as owner,
    coalesce(datasets.refresh, '') as refresh,
    last_looks.looked_at,
    coalesce(last_looks.outcome, '') as outcome,
    coalesce(last_looks.reason, '') as reason,
    last_loads.landed_at,
    coalesce(cast(last_loads.published_at as varchar), '') as published_at,
    cast(coalesce(last_loads.rows_current, 0) as bigint) as row_count,
    case
        when datasets.is_stale then coalesce(
            wrong_since.wrong_at,
            (
                select min(runs.started_at)
                from meta.runs as runs
                where runs.run_id > coalesce(last_good.run_id, 0)
            )
        )
    end as stale_since
from meta.datasets as datasets
left join last_looks
    on
        datasets.source = last_looks.source
        and datasets.dataset = last_looks.dataset
left join last_loads
    on
        datasets.source = last_loads.source
        and datasets.dataset = last_loads.dataset
left join last_good
    on
        datasets.source = last_good.source
        and datasets.dataset = last_good.dataset
left join wrong_since
    on
        datasets.source = wrong_since.source
        and datasets.dataset = wrong_since.dataset
order by
    datasets.source,
    datasets.dataset
