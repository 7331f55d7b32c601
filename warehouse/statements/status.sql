with looks as (
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

loads as (
    select
        source,
        dataset,
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
    coalesce(strftime(looks.looked_at, '%Y-%m-%d %H:%M'), 'never') as looked_at,
    coalesce(looks.outcome, '') as outcome,
    coalesce(looks.reason, '') as reason,
    coalesce(cast(loads.published_at as varchar), '') as published_at,
    cast(coalesce(loads.rows_current, 0) as bigint) as row_count,
    datasets.is_stale
from meta.datasets as datasets
left join looks
    on datasets.source = looks.source and datasets.dataset = looks.dataset
left join loads
    on datasets.source = loads.source and datasets.dataset = loads.dataset
order by
    datasets.source,
    datasets.dataset
