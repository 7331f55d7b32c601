-- A table with a value of each type that a release may hold, the awkward ones among them.
create schema core;
create schema marts;
create table core.everything as
select * from (values
    (1, 'plain', cast(1.10 as decimal(10, 2)), cast('12345678901234567890123456.1234567890' as decimal(38, 10)),
        cast('170141183460469231731687303715' as hugeint), true, date '2026-03-29', timestamptz '2026-03-29 01:30:00.123456+01',
        timestamp '2026-03-29 01:30:00', cast(0.1 as double), ['a', 'b,c']),
    (2, 'comma, "quote"', cast(-0.05 as decimal(10, 2)), cast(0 as decimal(38, 10)), cast(-1 as hugeint), false, date '0999-12-31',
        timestamptz '1999-12-31 23:59:59+00', timestamp '1900-01-01 00:00:00', cast(1e300 as double), []),
    (3, e'two\nlines', null, null, null, null, null, null, null, null, null),
    (4, e'carriage\rreturn', null, null, null, null, null, null, null, null, null),
    (5, e'both\r\nof them', null, null, null, null, null, null, null, null, null),
    (6, '', null, null, null, null, null, null, null, null, null),
    (7, null, null, null, null, null, null, null, null, null, null),
    (8, '=HYPERLINK("http://example.org")', null, null, null, null, null, null, null, null, null),
    (9, '  -3', null, null, null, null, null, null, null, null, null),
    (10, e'\t@SUM(A1)', null, null, null, null, null, null, null, null, null),
    (11, ' leading, trailing ', null, null, null, null, null, null, null, null, null),
    (12, 'Llanfair­pwll ŵ 🙂', null, null, null, null, null, null, null, null, null),
    (13, '007', null, null, null, null, null, null, null, null, null)
) as rows (row_number, note, pounds, exact, huge, flag, day, moment, local_time, approximate, list);
comment on table core.everything is 'One row per awkwardness.';
comment on column core.everything.note is 'Text as it came.';
create view marts.doubled as
select
    row_number * 2 as doubled,
    note
from core.everything
where row_number < 4;
