-- The rows set aside of each file as it was last read; what an earlier reading of the file set aside has been put right since,
-- or stands here again. Of a snapshot only the last load counts.
with last_reads as (
    select
        extracts.extract_id,
        extracts.load_id,
        extracts.source,
        extracts.dataset,
        extracts.place
    from meta.extracts as extracts
    inner join meta.loads as loads
        on extracts.load_id = loads.load_id
    where extracts.outcome = 'landed'
    qualify
        extracts.extract_id = max(extracts.extract_id) over (
            partition by extracts.source, extracts.dataset, extracts.place
        )
        and (
            loads.mode <> 'snapshot'
            or extracts.load_id = max(extracts.load_id) over (
                partition by extracts.source, extracts.dataset
            )
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
order by
    last_reads.source,
    last_reads.dataset,
    last_reads.place,
    quarantine.row_number,
    quarantine.column_name
