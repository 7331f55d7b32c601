-- How fresh each dataset is.
with last_looks as (
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
    datasets.is_stale,
    coalesce(cast(datasets.stale_since as varchar), '') as stale_since
from meta.datasets as datasets
left join last_looks
    on
        datasets.source = last_looks.source
        and datasets.dataset = last_looks.dataset
left join last_loads
    on
        datasets.source = last_loads.source
        and datasets.dataset = last_loads.dataset
order by
    datasets.source,
    datasets.dataset
