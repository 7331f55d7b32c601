-- The rows set aside of each file as it was last read; what an earlier reading of the
-- file set aside has been put right since, or stands here again. Of a snapshot only the
-- last load counts. Where a database is read by what changed, a later reading need not
-- come by the row again: there all count since everything was read, the place of which
-- ends in "(whole)", and a row that readings came by more than once, as its reason names
-- it by key, counts as it was found last.
with looks as (
    select
        extracts.extract_id,
        extracts.load_id,
        extracts.source,
        extracts.dataset,
        extracts.place,
        loads.mode,
        ends_with(extracts.place, ' (whole)') as is_whole,
        regexp_replace(extracts.place, ' [(]whole[)]$', '') as relation
    from meta.extracts as extracts
    inner join meta.loads as loads
        on extracts.load_id = loads.load_id
    where extracts.outcome = 'landed'
),

last_reads as (
    select *
    from looks
    qualify
        extract_id >= coalesce(
            max(case when is_whole then extract_id end) over (
                partition by source, dataset, relation
            ),
            max(extract_id) over (partition by source, dataset, place)
        )
        and (
            mode <> 'snapshot'
            or load_id = max(load_id) over (partition by source, dataset)
        )
)

select
    last_reads.source,
    last_reads.dataset,
    coalesce(datasets.owner, '') as owner,
    last_reads.place,
    quarantine.row_number,
    coalesce(quarantine.column_name, '') as column_name,
    quarantine.reason,
    coalesce(quarantine.raw_text, '') as raw_text,
    strftime(loads.recorded_date, '%Y-%m-%d') as recorded_date
from meta.quarantine as quarantine
inner join last_reads
    on quarantine.extract_id = last_reads.extract_id
inner join meta.loads as loads
    on quarantine.load_id = loads.load_id
left join meta.datasets as datasets
    on
        last_reads.source = datasets.source
        and last_reads.dataset = datasets.dataset
where
    ($1 = '' or last_reads.source = $1)
    and ($2 = '' or last_reads.dataset = $2)
qualify
    strpos(quarantine.reason, '(the row with ') = 0
    or row_number() over (
        partition by
            last_reads.source,
            last_reads.dataset,
            last_reads.relation,
            quarantine.reason
        order by quarantine.extract_id desc
    ) = 1
order by
    last_reads.source,
    last_reads.dataset,
    last_reads.place,
    quarantine.row_number,
    quarantine.column_name
