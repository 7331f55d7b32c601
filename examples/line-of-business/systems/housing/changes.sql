-- What happens in the housing system between two runs, in the first days of April 2025.

-- A transaction that took long: stamped half an hour before the newest row that the last
-- run saw.
insert into repairs
select 901, 'urgent', 7, '2025-03-20', '2025-03-26', max(updated_at) - interval 30 minute
from repairs;

-- Two repairs are new.
insert into repairs values
(902, 'emergency', 1, '2025-03-31', '2025-03-31', '2025-04-01 08:05:00.000001'),
(903, 'routine', 28, '2025-04-01', null, '2025-04-01 09:00:00');

-- The two dates that were none are put right; both repairs took longer than they might.
update repairs
set completed_on = reported_on + interval target_days + 3 day, updated_at = '2025-04-02 12:00:00'
where repair_id in (301, 702);

-- Of the homes, one is let, and one was no council home at all. The table is read whole
-- each time, so both show at once.
update voids set relet_on = '2025-03-31'
where relet_on is null and not major_works
order by void_id
limit 1;
delete from voids where void_id = 20;

-- Four answers to the survey came late.
update repair_surveys set answers = 135, satisfied = 113 where quarter = '2024/25 Q4';
