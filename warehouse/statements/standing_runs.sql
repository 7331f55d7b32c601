-- The last runs, the newest first, with what their loads came to.
with landed as (
    select
        run_id,
        sum(rows_read) as rows_read,
        sum(rows_stored) as rows_stored,
        sum(rows_quarantined) as rows_quarantined
    from meta.loads
    group by run_id
)

select
    runs.run_id,
    runs.started_at,
    runs.finished_at,
    coalesce(runs.outcome, '') as outcome,
    coalesce(runs.message, '') as message,
    coalesce(runs.release_id, 0) as release_id,
    cast(coalesce(landed.rows_read, 0) as bigint) as rows_read,
    cast(coalesce(landed.rows_stored, 0) as bigint) as rows_stored,
    cast(coalesce(landed.rows_quarantined, 0) as bigint) as rows_quarantined
from meta.runs as runs
left join landed
    on runs.run_id = landed.run_id
order by runs.run_id desc
limit $1
