-- An acceptance that was withdrawn before a run acted on it.
alter table meta.accepted add column withdrawn_by varchar;
alter table meta.accepted add column withdrawn_at timestamptz;

create view meta.accepted_now as
select accepted.*
from meta.accepted as accepted
where
    accepted.withdrawn_at is null
    and not exists (
        select 1
        from meta.deliveries as deliveries
        where
            deliveries.source = accepted.source
            and deliveries.dataset = accepted.dataset
            and deliveries.hashes = accepted.hashes
            and deliveries.load_id > accepted.after_load
    );
comment on view meta.accepted_now is 'The acceptances on which the next run acts: not withdrawn, and not landed yet.';
