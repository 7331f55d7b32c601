-- One row per quarter: the days empty of the home in the middle, or the mean of the two
-- in the middle where their number is even. The source row named is the later of those.

with relet as (
    select
        financial_quarter(relet_on) as period_code,
        relet_on - ended_on as days_empty,
        _load_id,
        _extract_id,
        _row
    from housing.voids
    where relet_on is not null and not major_works
),

ordered as (
    select
        *,
        row_number() over (partition by period_code order by days_empty, _row) as place,
        count(*) over (partition by period_code) as homes
    from relet
),

middle as (
    select
        *,
        row_number() over (partition by period_code order by place desc) as place_from_top
    from ordered
    where place between whole_divide(homes + 1, 2) and whole_divide(homes + 2, 2)
)

select
    council.organisation_code as area_code,
    middle.period_code,
    decimal_divide(sum(middle.days_empty), count(*)) as value,
    max(case when middle.place_from_top = 1 then middle._load_id end) as _load_id,
    max(case when middle.place_from_top = 1 then middle._extract_id end) as _extract_id,
    max(case when middle.place_from_top = 1 then middle._row end) as _row
from middle
cross join handbook.council as council
group by council.organisation_code, middle.period_code
