{{- /* What models see of a dataset of the council's own folder: its rows as they stand, and every version of each row with the
time from which and to which it was held. Names come quoted. */ -}}
create or replace view {{.Rows}} as
select
    {{.Columns}}
from {{.Current}};

create or replace view {{.History}} as
select
    {{.Columns}},
    recorded_from,
    recorded_to,
    version_number
from (
    select
        history.*,
        loads.recorded_at as recorded_from,
        lead(loads.recorded_at) over (
            partition by history._key_hash order by history._load_id
        ) as recorded_to,
        cast(row_number() over (
            partition by history._key_hash order by history._load_id
        ) as integer) as version_number
    from {{.Raw}} as history
    inner join meta.loads as loads
        on history._load_id = loads.load_id
)
where not _is_deleted
