-- The housing system, in MariaDB: three tables and an account that may read them. All of
-- it is made up.
create table repairs (
    repair_id bigint primary key,
    priority varchar(10) not null,
    target_days int not null,         -- 1 for an emergency, 7, or 28
    reported_on date not null,
    completed_on date,                -- null while it is open
    updated_at datetime(6) not null,  -- local time
    key (updated_at)
);

create table voids (
    void_id bigint primary key,
    property_ref char(8) not null,
    ended_on date not null,           -- the old tenancy ended
    relet_on date,                    -- the new one began; null while the home is empty
    major_works tinyint(1) not null   -- such homes are left out of relet times
);

create table repair_surveys (
    quarter char(10) primary key,
    answers int not null,
    satisfied int not null
);

-- The account needs to read these tables and nothing else. "show view" lets a replaced
-- view be told.
create user goldthread@localhost identified by 'for-this-example-only';
grant select, show view on housing.* to goldthread@localhost;
