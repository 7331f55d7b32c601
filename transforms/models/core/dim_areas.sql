-- One row per version of an area: councils as places, the areas of the reference list by
-- vintage, whatever else observations or the lookup name, and the unknown area, key -1.
-- A code that stands in both lists is a council. A nation that no list holds has its
-- name all the same; anything else unlisted goes by its code. valid_from and valid_to
-- leave no gap: the first version reaches back to 1900, each lasts until the next.
--
-- materialized: table
-- grain: area_key
-- columns:
--   area_key: Key of the version; -1 unknown.
--   area_code: GSS code, or the council's own code for a place such as a station.
--   version: Number of the version, from 1.
--   area_name: Name.
--   area_type: country, region, ward, station and so on; for a council its kind.
--   vintage: Vintage of the boundaries; null where there is one only.
--   organisation_code: GSS code of the council it lies in; null for countries and
--     regions.
--   valid_from: First day for which facts find this version.
--   valid_to: Day from which they find the next; 9999-12-31 for the last.
--   is_current: Whether it is the newest version.
-- tests:
--   - unique: area_key
--   - unique: [area_code, version]
--   - not_null: [area_key, area_code, version, area_name, area_type]

with named as (
    select area_code
    from intermediate.int_observations_placed
    union
    select area_code
    from intermediate.int_versions_numbered
    union
    select area_code
    from reference.area_lookup
    union
    select larger_area_code as area_code
    from reference.area_lookup
),

listed as (
    select
        organisation_code as area_code,
        name as area_name,
        organisation_type as area_type,
        null as vintage,
        start_date as known_from
    from reference.authorities
    union all
    select
        areas.area_code,
        areas.area_name,
        areas.area_type,
        areas.vintage,
        areas.valid_from as known_from
    from reference.areas
    where not exists (
        select 1
        from reference.authorities
        where authorities.organisation_code = areas.area_code
    )
),

unlisted as (
    select named.area_code
    from named
    where
        named.area_code is not null
        and named.area_code <> 'unknown'
        and not exists (
            select 1
            from listed
            where listed.area_code = named.area_code
        )
),

areas as (
    select
        area_code,
        area_name,
        area_type,
        vintage,
        known_from
    from listed
    union all
    select
        area_code,
        case area_code
            when 'E92000001' then 'England'
            when 'W92000004' then 'Wales'
            when 'S92000003' then 'Scotland'
            when 'N92000002' then 'Northern Ireland'
            when 'K02000001' then 'United Kingdom'
            when 'K03000001' then 'Great Britain'
            when 'K04000001' then 'England and Wales'
            else area_code
        end as area_name,
        case
            when substr(area_code, 2, 2) = '92' then 'country'
            when substr(area_code, 1, 1) = 'K' then 'country'
            when substr(area_code, 1, 3) = 'E12' then 'region'
            else 'other'
        end as area_type,
        null as vintage,
        null as known_from
    from unlisted
),

numbered as (
    select
        row_number() over (
            order by area_code, known_from nulls first, vintage nulls first, area_name
        ) as area_key,
        row_number() over (
            partition by area_code
            order by known_from nulls first, vintage nulls first, area_name
        ) as version,
        lead(coalesce(known_from, date '1900-01-01')) over (
            partition by area_code
            order by known_from nulls first, vintage nulls first, area_name
        ) as next_from,
        *
    from areas
)

select
    numbered.area_key,
    numbered.area_code,
    numbered.version,
    coalesce(numbered.area_name, numbered.area_code) as area_name,
    coalesce(numbered.area_type, 'other') as area_type,
    numbered.vintage,
    placed.organisation_code,
    case
        when numbered.version = 1 then date '1900-01-01'
        else coalesce(numbered.known_from, date '1900-01-01')
    end as valid_from,
    coalesce(numbered.next_from, date '9999-12-31') as valid_to,
    numbered.next_from is null as is_current
from numbered
left join intermediate.int_areas_placed as placed
    on numbered.area_code = placed.area_code
union all
select
    -1 as area_key,
    'unknown' as area_code,
    0 as version,
    'Unknown' as area_name,
    'unknown' as area_type,
    null as vintage,
    null as organisation_code,
    date '1900-01-01' as valid_from,
    date '9999-12-31' as valid_to,
    false as is_current
