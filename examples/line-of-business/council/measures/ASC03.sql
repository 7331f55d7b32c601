-- One row per quarter in which somebody asked for an assessment: packages that had begun
-- by its last day and had not ended before it. A quarter of which the system has not yet
-- seen the last day is left out, as packages may still begin and end in it. The source
-- row named is the one that landed last of those counted.

with asked as (
    select distinct
        financial_quarter(requested_on) as period_code,
        cast(date_trunc('quarter', requested_on) + interval '3' month as date) - 1
            as last_date
    from care.assessments
),

seen as (
    select max(local_date(updated_at, 'Europe/London')) as newest_date
    from care.assessments
),

quarters as (
    select
        asked.period_code,
        asked.last_date
    from asked
    cross join seen
    where asked.last_date <= seen.newest_date
),

going_on as (
    select
        quarters.period_code,
        packages._load_id,
        packages._extract_id,
        packages._row,
        row_number() over (
            partition by quarters.period_code
            order by packages._load_id desc, packages._extract_id desc, packages._row desc
        ) as place
    from quarters
    inner join care.packages as packages
        on
            packages.started_on <= quarters.last_date
            and coalesce(packages.ended_on, quarters.last_date) >= quarters.last_date
)

select
    council.organisation_code as area_code,
    going_on.period_code,
    count(*) as value,
    max(case when going_on.place = 1 then going_on._load_id end) as _load_id,
    max(case when going_on.place = 1 then going_on._extract_id end) as _extract_id,
    max(case when going_on.place = 1 then going_on._row end) as _row
from going_on
cross join handbook.council as council
group by council.organisation_code, going_on.period_code
