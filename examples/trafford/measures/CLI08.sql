-- One row per authority and ten calendar years: certificates rated A, B or C among all that were lodged.
-- Ten years are left out where fewer than their 40 quarters are there, since a shorter sum would not compare.
-- The source row named is that of the last quarter, which completes the ten years.

with quarters as (
    select
        certificates.area_code,
        cast(extract(year from periods.end_date) as integer) as quarter_year,
        cast(extract(month from periods.end_date) as integer) as end_month,
        certificates.value_rating_a
        + certificates.value_rating_b
        + certificates.value_rating_c as rated_a_to_c,
        certificates.value_certificates_lodged as lodged,
        certificates._load_id,
        certificates._extract_id,
        certificates._row
    from themes.energy_performance_certificates as certificates
    inner join reference.periods as periods
        on certificates.period = periods.period_code
),

year_ends as (
    select
        area_code,
        quarter_year as last_year,
        _load_id,
        _extract_id,
        _row
    from quarters
    where end_month = 12
)

select
    year_ends.area_code,
    'all' as breakdown_code,
    concat(
        'CY',
        cast(year_ends.last_year - 9 as varchar),
        '_',
        cast(year_ends.last_year as varchar)
    ) as period_code,
    sum(quarters.rated_a_to_c) as numerator,
    sum(quarters.lodged) as denominator,
    year_ends._load_id,
    year_ends._extract_id,
    year_ends._row
from year_ends
inner join quarters
    on
        year_ends.area_code = quarters.area_code
        and quarters.quarter_year between year_ends.last_year - 9 and year_ends.last_year
group by
    year_ends.area_code,
    year_ends.last_year,
    year_ends._load_id,
    year_ends._extract_id,
    year_ends._row
having count(*) = 40
