-- What the system holds at the end of 2024/25. Chance is made of md5, so that every
-- server makes the same rows.
set sql_mode = '';

create function chance(what varchar(20), n bigint) returns bigint deterministic
return conv(substr(md5(concat('saltmarsh ', what, ' ', n)), 1, 7), 16, 10);

-- 900 repairs are reported in the year; most are done within the days of their priority.
insert into repairs
with recursive numbers as (
    select 1 as n
    union all
    select n + 1 from numbers where n < 900
),

reported as (
    select
        n,
        date '2024-04-01' + interval (n - 1) * 364 div 900 day as reported_on,
        elt(1 + chance('priority', n) % 4, 'emergency', 'urgent', 'routine', 'routine') as priority,
        elt(1 + chance('priority', n) % 4, 1, 7, 28, 28) as target_days
    from numbers
),

done as (
    select
        reported.*,
        reported_on + interval if(
            chance('in time', n) % 100 < 88,
            chance('soon', n) % (target_days + 1),
            target_days + 1 + chance('late', n) % 20
        ) day as done_on
    from reported
)

select
    n,
    priority,
    target_days,
    reported_on,
    -- An old program wrote no date as the date 0000-00-00. Goldthread sets such a row
    -- aside and says so.
    case when n in (301, 702) then '0000-00-00' when done_on <= '2025-03-31' then done_on end,
    least(done_on, date '2025-03-31')
    + interval 28800 + chance('time', n) % 28800 second
    + interval chance('micro', n) % 1000000 microsecond
from done;

-- 150 homes fall empty; one in eight needs major works.
insert into voids
with recursive numbers as (
    select 1 as n
    union all
    select n + 1 from numbers where n < 150
),

emptied as (
    select
        n,
        date '2024-03-01' + interval chance('ended', n) % 390 day as ended_on,
        chance('works', n) % 8 = 0 as major_works
    from numbers
),

filled as (
    select
        emptied.*,
        ended_on + interval if(
            major_works,
            90 + chance('long', n) % 90,
            12 + chance('a', n) % 20 + chance('b', n) % 25
        ) day as relet_on
    from emptied
)

select
    n,
    concat('SM-', lpad(chance('home', n) % 100000, 5, '0')),
    ended_on,
    if(relet_on <= '2025-03-31', relet_on, null),
    major_works
from filled;

insert into repair_surveys values
('2024/25 Q1', 118, 97),
('2024/25 Q2', 124, 100),
('2024/25 Q3', 109, 91),
('2024/25 Q4', 131, 112);

drop function chance;
