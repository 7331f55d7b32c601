-- One row per version of a council or other body: its entries in the list of authorities
-- in order of their start, whatever else observations or targets name, and the unknown
-- organisation, key -1. valid_from and valid_to leave no gap: the first version reaches
-- back to 1900 and each lasts until the next, because sources publish a council's code
-- for years before it began. When it truly began and ended is start_date and end_date.
--
-- materialized: table
-- grain: organisation_key
-- columns:
--   organisation_key: Key of the version; -1 unknown.
--   organisation_code: GSS code.
--   version: Number of the version, from 1.
--   organisation_name: Name in daily use.
--   official_name: Full name.
--   organisation_type: Kind of council or body.
--   tier: What it does, such as unitary, district or county.
--   region_name: Region it lies in.
--   nation: Nation it lies in.
--   successor_code: What replaced it; null while it stands.
--   start_date: Day it began; null where unknown.
--   end_date: Day it ended; null where it has not.
--   valid_from: First day for which facts find this version.
--   valid_to: Day from which they find the next; 9999-12-31 for the last.
--   is_current: Whether it exists on the day of the run.
--   is_reporting_council: Whether it is the council whose warehouse this is.
-- tests:
--   - unique: organisation_key
--   - unique: [organisation_code, version]
--   - not_null: [organisation_key, organisation_code, version, organisation_name,
--       is_reporting_council]

with named as (
    select organisation_code
    from intermediate.int_observations_placed
    union
    select organisation_code
    from intermediate.int_versions_numbered
    union
    select organisation_code
    from handbook.targets
    union
    select owner_code as organisation_code
    from reference.peer_groups
    union
    select peer_code as organisation_code
    from reference.peer_groups
    union
    select organisation_code
    from handbook.council
),

listed as (
    select
        organisation_code,
        name as organisation_name,
        official_name,
        organisation_type,
        tier,
        region_name,
        nation,
        replaced_by as successor_code,
        start_date,
        end_date
    from reference.authorities
    union all
    select
        named.organisation_code,
        coalesce(council.name, named.organisation_code) as organisation_name,
        council.name as official_name,
        'other' as organisation_type,
        null as tier,
        null as region_name,
        null as nation,
        null as successor_code,
        null as start_date,
        null as end_date
    from named
    left join handbook.council
        on named.organisation_code = council.organisation_code
    left join reference.authorities
        on named.organisation_code = authorities.organisation_code
    where named.organisation_code is not null and authorities.organisation_code is null
),

numbered as (
    select
        row_number() over (
            order by
                organisation_code,
                start_date nulls first,
                end_date nulls last,
                organisation_name
        ) as organisation_key,
        row_number() over (
            partition by organisation_code
            order by start_date nulls first, end_date nulls last, organisation_name
        ) as version,
        lead(start_date) over (
            partition by organisation_code
            order by start_date nulls first, end_date nulls last, organisation_name
        ) as next_start_date,
        *
    from listed
)

select
    numbered.organisation_key,
    numbered.organisation_code,
    numbered.version,
    coalesce(numbered.organisation_name, numbered.organisation_code) as organisation_name,
    numbered.official_name,
    numbered.organisation_type,
    numbered.tier,
    numbered.region_name,
    numbered.nation,
    numbered.successor_code,
    numbered.start_date,
    numbered.end_date,
    case
        when numbered.version = 1 or numbered.start_date is null then date '1900-01-01'
        else numbered.start_date
    end as valid_from,
    coalesce(numbered.next_start_date, date '9999-12-31') as valid_to,
    coalesce(numbered.start_date <= run_date.run_date, true)
    and coalesce(run_date.run_date < numbered.end_date, true) as is_current,
    council.organisation_code is not null as is_reporting_council
from numbered
left join handbook.council
    on numbered.organisation_code = council.organisation_code
left join meta.run_date
    on 1 = 1
union all
select
    -1 as organisation_key,
    'unknown' as organisation_code,
    0 as version,
    'Unknown' as organisation_name,
    null as official_name,
    null as organisation_type,
    null as tier,
    null as region_name,
    null as nation,
    null as successor_code,
    null as start_date,
    null as end_date,
    date '1900-01-01' as valid_from,
    date '9999-12-31' as valid_to,
    false as is_current,
    false as is_reporting_council
