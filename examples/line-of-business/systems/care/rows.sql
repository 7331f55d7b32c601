-- What the system holds at the end of 2024/25. Chance is made of md5, so that every
-- server makes the same rows.
set time zone 'Europe/London';

create function pg_temp.chance(what text, n bigint) returns integer language sql immutable
as $$
    select cast(cast('x' || substr(md5('saltmarsh ' || what || ' ' || n), 1, 7) as bit(28)) as integer)
$$;

-- What would come after the year is not known yet.
create function pg_temp.known(day date) returns date language sql immutable
as $$ select case when day <= date '2025-03-31' then day end $$;

-- A moment in office hours of a day.
create function pg_temp.stamp(day date, n bigint) returns timestamptz language sql stable
as $$ select day + time '09:00' + interval '0.001 second' * (pg_temp.chance('time', n) % 28800000) $$;

-- 640 assessments are asked for in the year; four in five are done within 28 days, a few
-- more of them as the year goes on.
insert into care.assessments
with asked as (
    select
        n,
        date '2024-04-01' + cast((n - 1) * 364 / 640 as integer) as requested_on,
        case
            when pg_temp.chance('in time', n) % 100 < 77 + n / 80
                then 3 + pg_temp.chance('soon', n) % 26
            else 29 + pg_temp.chance('late', n) % 40
        end as days
    from generate_series(1, 640) as n
),

done as (
    select n, requested_on, pg_temp.known(requested_on + days) as completed_on
    from asked
)

select
    n,
    case when pg_temp.chance('kind', n) % 3 = 0 then 'review' else 'new' end,
    case when pg_temp.chance('moves in', n) % 40 > 0 then 'E0509900' || (1 + pg_temp.chance('ward', n) % 6) end,
    requested_on,
    completed_on,
    pg_temp.stamp(coalesce(completed_on, requested_on), n)
from done;

-- 260 packages of care, of which some have ended.
insert into care.packages
with begun as (
    select
        n,
        date '2023-10-01' + pg_temp.chance('start', n) % 540 as started_on,
        case
            when pg_temp.chance('ends', n) % 10 < 4 then 30 + pg_temp.chance('lasts', n) % 300
        end as days
    from generate_series(1, 260) as n
),

over as (
    select n, started_on, pg_temp.known(started_on + days) as ended_on
    from begun
)

select
    n,
    (array['Home care', 'Direct payment', 'Residential care', 'Reablement'])
        [1 + pg_temp.chance('service', n) % 4],
    started_on,
    ended_on,
    -- The system left one cost as "not a number", which no total bears: Goldthread sets
    -- the row aside and says so.
    case
        when n = 77 then 'NaN'
        else 60 + cast(pg_temp.chance('cost', n) % 3600 as numeric(10, 2)) / 4
    end,
    pg_temp.stamp(coalesce(ended_on, started_on), n)
from over;

-- 300 reviews are due in the year: most are done when due, some late, some not yet.
insert into care.reviews
with due as (
    select
        n,
        1 + pg_temp.chance('of', n) % 260 as package_id,
        date '2024-04-01' + pg_temp.chance('due', n) % 365 as due_on,
        case
            when pg_temp.chance('how', n) % 100 < 76 then -(pg_temp.chance('early', n) % 20)
            when pg_temp.chance('how', n) % 100 < 92 then 1 + pg_temp.chance('overdue', n) % 40
        end as days
    from generate_series(1, 300) as n
)

select
    n,
    package_id,
    due_on,
    pg_temp.known(due_on + days),
    pg_temp.stamp(least(due_on + coalesce(days, 0), date '2025-03-31'), n)
from due;
