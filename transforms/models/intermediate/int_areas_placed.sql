-- One row per area that lies in an organisation's own area: councils themselves, and
-- wards, stations and smaller areas through area_lookup, one or two steps up. A country
-- or region lies in none and has no row. An area that lies in several (a district and
-- its county) goes to the reporting council where that is one of them, else by the
-- shorter way, the newest vintage, the larger share, the lower code.
--
-- materialized: table
-- grain: area_code
-- columns:
--   area_code: GSS code of the area, or the council's own code for a place such as a
--     station.
--   organisation_code: GSS code of the organisation it lies in.
--   steps: Steps through area_lookup, 0 for an organisation's own area.
-- tests:
--   - unique: area_code
--   - not_null: [area_code, organisation_code]

with organisations as (
    select distinct organisation_code
    from reference.authorities
),

one_step as (
    select
        area_lookup.area_code,
        organisations.organisation_code,
        coalesce(area_lookup.weight, 1) as weight,
        coalesce(area_lookup.vintage, '') as vintage,
        1 as steps
    from reference.area_lookup
    inner join organisations
        on area_lookup.larger_area_code = organisations.organisation_code
),

two_steps as (
    select
        area_lookup.area_code,
        one_step.organisation_code,
        cast(coalesce(area_lookup.weight, 1) * one_step.weight as decimal(18, 10))
            as weight,
        coalesce(area_lookup.vintage, '') as vintage,
        2 as steps
    from reference.area_lookup
    inner join one_step
        on area_lookup.larger_area_code = one_step.area_code
),

ways as (
    select
        organisation_code as area_code,
        organisation_code,
        cast(1 as decimal(18, 10)) as weight,
        '' as vintage,
        0 as steps
    from organisations
    union all
    select
        area_code,
        organisation_code,
        cast(weight as decimal(18, 10)) as weight,
        vintage,
        steps
    from one_step
    union all
    select
        area_code,
        organisation_code,
        weight,
        vintage,
        steps
    from two_steps
),

ranked as (
    select
        ways.area_code,
        ways.organisation_code,
        ways.steps,
        row_number() over (
            partition by ways.area_code
            order by
                case when ways.steps = 0 then 0 else 1 end,
                case when council.organisation_code is not null then 0 else 1 end,
                ways.steps,
                ways.vintage desc,
                ways.weight desc,
                ways.organisation_code
        ) as choice
    from ways
    left join handbook.council
        on ways.organisation_code = council.organisation_code
)

select
    area_code,
    organisation_code,
    steps
from ranked
where choice = 1
