-- How many rows a delivery may bring, judged by the dataset's earlier loads: of a snapshot by all of them, else by those
-- of files of the same kind, as a council's own return and its neighbours' may come to one dataset in two files.
-- $1 source, $2 dataset, $3 mode, $4 run, $5 hashes, $6 share below, $7 share above, $8 place, $9 whether it is everything there is

with deliveries as (
    select
        load_id,
        run_id,
        file_kind,
        rows_brought,
        rows_current,
        hashes
    from meta.deliveries
    where source = $1 and dataset = $2
),

-- A first backlog comes in many loads of any size, perhaps over runs that were cut short: what counts as usual is only
-- what a run that went through, this one not among them, has left behind.
settled as (
    select coalesce(max(run_id), 0) as run_id
    from meta.runs
    where outcome in ('done', 'red') and run_id < $4
),

recent as (
    select deliveries.rows_brought
    from deliveries
    inner join settled
        on deliveries.run_id <= settled.run_id
    where
        deliveries.rows_brought > 0
        and ($3 = 'snapshot' or deliveries.file_kind = meta.file_kind($8))
    order by deliveries.load_id desc
    limit 10
),

usual as (
    select
        count(*) as loads,
        median(cast(rows_brought as decimal(18, 1))) as rows_usual
    from recent
),

present as (
    select
        coalesce(max(load_id), 0) as load_id,
        coalesce(max_by(rows_current, load_id), 0) as rows_current,
        coalesce(max_by(hashes, load_id), '') as hashes
    from deliveries
),

-- The very files that landed before are no surprise; of a snapshot only those that landed last, because what an older
-- one lacks would be removed. What a person accepted lands once.
known as (
    select
        $5 <> ''
        and case
            when $3 = 'snapshot' then present.hashes = $5
            else exists (select 1 from deliveries where hashes = $5)
        end as is_known,
        exists (
            select 1
            from meta.accepted_now
            where source = $1 and dataset = $2 and hashes = $5
        ) as is_accepted
    from present
)

select
    usual.loads,
    cast(usual.rows_usual as varchar) as rows_usual,
    cast(case
        when usual.loads >= 3
            then greatest(least(
                ceil(usual.rows_usual * (1 - cast($6 as decimal(9, 4)))),
                ceil(usual.rows_usual - 3)
            ), 1)
        when $9 and present.rows_current > 0 then 1
        else 0
    end as bigint) as rows_least,
    cast(case
        when usual.loads >= 3
            then greatest(
                floor(usual.rows_usual * (1 + cast($7 as decimal(9, 4)))),
                floor(usual.rows_usual + 3)
            )
    end as bigint) as rows_most,
    known.is_known or known.is_accepted as is_expected
from usual
cross join present
cross join known
