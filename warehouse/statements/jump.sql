-- The last run before which the clock went back, or ahead by more than a month, now being the last of all.
with moments as (
    select
        run_id,
        started_at
    from meta.runs
    union all
    select
        (select coalesce(max(run_id), 0) + 1 from meta.runs) as run_id,
        cast(? as timestamptz) as started_at
),

steps as (
    select
        run_id,
        started_at,
        epoch(started_at) - lag(epoch(started_at)) over (order by run_id) as seconds
    from moments
)

select max_by(started_at, run_id)
from steps
where seconds < -3600 or seconds > 31 * 86400
