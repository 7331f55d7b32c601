-- One row per measure and organisation it is compared with: the reporting council and
-- the members of the measure's peer group, in the group's newest version (the last by
-- name). That version serves all periods. A measure without a peer group, or whose group
-- has no members for the council, has no rows.
--
-- materialized: table
-- grain: [measure_code, organisation_code]
-- columns:
--   measure_code: Code of the measure.
--   organisation_code: GSS code of the council or its peer.
--   peer_group: Name of the group.
--   peer_group_version: Version of the group.
--   position: Place in the group, 1 the nearest; null for the council.
--   is_reporting_council: Whether this is the council itself.
--   peer_members: Members of the group, the council left out.
-- tests:
--   - unique: [measure_code, organisation_code]
--   - not_null: [measure_code, organisation_code, peer_group, peer_members]

with newest_versions as (
    select
        peer_groups."group" as peer_group,
        peer_groups.owner_code,
        max(peer_groups.version) as version
    from reference.peer_groups
    inner join handbook.council
        on peer_groups.owner_code = council.organisation_code
    group by peer_groups."group", peer_groups.owner_code
),

members as (
    select
        newest_versions.peer_group,
        newest_versions.version,
        newest_versions.owner_code,
        peer_groups.peer_code,
        min(peer_groups.position) as position
    from newest_versions
    inner join reference.peer_groups
        on
            newest_versions.peer_group = peer_groups."group"
            and newest_versions.owner_code = peer_groups.owner_code
            and newest_versions.version = peer_groups.version
    where peer_groups.peer_code <> peer_groups.owner_code
    group by
        newest_versions.peer_group,
        newest_versions.version,
        newest_versions.owner_code,
        peer_groups.peer_code
),

sizes as (
    select
        peer_group,
        version,
        owner_code,
        count(*) as peer_members
    from members
    group by peer_group, version, owner_code
),

compared as (
    select
        peer_group,
        peer_code as organisation_code,
        position,
        false as is_reporting_council
    from members
    union all
    select
        peer_group,
        owner_code as organisation_code,
        null as position,
        true as is_reporting_council
    from sizes
)

select
    measures.measure_code,
    compared.organisation_code,
    compared.peer_group,
    sizes.version as peer_group_version,
    compared.position,
    compared.is_reporting_council,
    sizes.peer_members
from handbook.measures as measures
inner join compared
    on measures.peer_group = compared.peer_group
inner join sizes
    on compared.peer_group = sizes.peer_group
