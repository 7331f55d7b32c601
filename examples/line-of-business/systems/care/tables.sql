-- The social care system's reporting copy, in PostgreSQL: three tables and an account
-- that may read them. Saltmarsh and all that stands here are made up. No row is about a
-- person.
create schema care;

create table care.assessments (
    assessment_id bigint primary key,
    kind text not null,               -- new, or review of a need that is known
    ward_code text,                   -- null where somebody moves in from elsewhere
    requested_on date not null,
    completed_on date,                -- null while it is open
    updated_at timestamptz not null
);

create table care.packages (
    package_id bigint primary key,
    service text not null,
    started_on date not null,
    ended_on date,                    -- null while it goes on
    weekly_cost numeric not null,     -- without a limit, so it can hold NaN
    updated_at timestamptz not null
);

create table care.reviews (
    review_id bigint primary key,
    package_id bigint not null references care.packages,
    due_on date not null,
    completed_on date,                -- null while it is not done
    updated_at timestamptz not null
);

create index on care.assessments (updated_at);
create index on care.packages (updated_at);
create index on care.reviews (updated_at);

-- The account needs to read these tables and nothing else.
create role goldthread login password 'for-this-example-only';
grant usage on schema care to goldthread;
grant select on care.assessments, care.packages, care.reviews to goldthread;
