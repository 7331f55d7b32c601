-- The rows that a table ever stored, and in words the first of its loads that the ledger says something else of.
with stored as (
    select
        _load_id as load_id,
        count(*) as row_count
    from %s
    where not _is_deleted
    group by _load_id
),

set_aside as (
    select
        load_id,
        cast(sum(row_count) as bigint) as row_count
    from (
        select
            load_id,
            1 as row_count
        from meta.quarantine
        union all
        select
            load_id,
            row_count
        from %s
    )
    group by load_id
),

loads as (
    select
        loads.load_id,
        loads.rows_read,
        loads.rows_stored,
        loads.rows_quarantined,
        loads.rows_stored + loads.rows_unchanged + loads.rows_quarantined + loads.rows_blank as rows_accounted,
        coalesce(stored.row_count, 0) as stored_count,
        coalesce(set_aside.row_count, 0) as set_aside_count
    from meta.loads as loads
    left join stored
        on loads.load_id = stored.load_id
    left join set_aside
        on loads.load_id = set_aside.load_id
    where concat(loads.source, '__', loads.dataset) = ?
)

select
    cast(coalesce(sum(stored_count), 0) as bigint),
    min_by(
        case
            when rows_read <> rows_accounted
                then concat('load ', load_id, ' read ', rows_read, ' rows and accounts for ', rows_accounted)
            when rows_stored <> stored_count
                then concat('load ', load_id, ' stored ', rows_stored, ' rows, and ', stored_count, ' are there')
            else concat('load ', load_id, ' set aside ', rows_quarantined, ' rows, and ', set_aside_count, ' are there')
        end,
        load_id
    ) filter (
        rows_read <> rows_accounted or rows_stored <> stored_count or rows_quarantined <> set_aside_count
    )
from loads
