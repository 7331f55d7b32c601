-- What happens in the social care system between two runs, in the first days of April
-- 2025.
set time zone 'Europe/London';

-- A transaction that took long: this assessment is stamped half an hour before the newest
-- row that the last run saw.
insert into care.assessments
select
    641, 'new', 'E05099002', date '2025-03-03', date '2025-03-28',
    max(updated_at) - interval '30 minutes'
from care.assessments;

-- Three new assessments, two of them done within March and told late, one still open.
insert into care.assessments values
(642, 'new', 'E05099001', '2025-03-10', '2025-03-31', '2025-04-01 10:15:00.123456'),
(643, 'new', 'E05099004', '2025-02-03', '2025-03-31', '2025-04-01 10:16:00'),
(644, 'review', 'E05099006', '2025-04-01', null, '2025-04-01 11:00:00');

-- Two that were closed on a wrong day are put right: they took longer than 28 days.
update care.assessments
set completed_on = requested_on + 30, updated_at = '2025-04-02 09:30:00'
where assessment_id in (501, 502);

-- One was entered twice. The cursor cannot see that it is gone; the weekly full
-- comparison can, or a run with --full.
delete from care.assessments where assessment_id = 333;

-- Two packages end, and a review is done.
update care.packages
set ended_on = '2025-03-31', updated_at = '2025-04-01 14:00:00'
where package_id in (
    select package_id from care.packages where ended_on is null order by package_id limit 2
);

update care.reviews
set completed_on = due_on, updated_at = '2025-04-01 15:00:00'
where review_id = (select min(review_id) from care.reviews where completed_on is null);
