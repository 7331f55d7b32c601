-- One row per member of a version of a peer group. A group belongs to the council it was
-- computed for: that A is a peer of B does not make B a peer of A. Keys are those of the
-- organisations' newest versions.
--
-- materialized: table
-- grain: [peer_group, version, owner_code, peer_code]
-- columns:
--   peer_group: Name of the group.
--   version: Version of the group.
--   is_newest_version: Whether it is the last of the owner's versions by name, the one
--     that is used.
--   owner_key: Key of the council that the group is for; -1 unknown.
--   owner_code: GSS code of that council.
--   peer_key: Key of the member; -1 unknown.
--   peer_code: GSS code of the member.
--   position: Place in the group, 1 the nearest; null where the group has no order.
-- tests:
--   - unique: [peer_group, version, owner_code, peer_code]
--   - not_null: [peer_group, version, owner_key, peer_key]
--   - relationships: owner_key -> core.dim_organisations.organisation_key
--   - relationships: peer_key -> core.dim_organisations.organisation_key
--   - holds: owner_code <> peer_code

with newest_organisations as (
    select
        organisation_code,
        max(organisation_key) as organisation_key
    from core.dim_organisations
    group by organisation_code
),

newest_versions as (
    select
        peer_groups."group" as peer_group,
        peer_groups.owner_code,
        max(peer_groups.version) as version
    from reference.peer_groups
    group by peer_groups."group", peer_groups.owner_code
)

select
    peer_groups."group" as peer_group,
    peer_groups.version,
    peer_groups.version = newest_versions.version as is_newest_version,
    coalesce(owners.organisation_key, -1) as owner_key,
    peer_groups.owner_code,
    coalesce(peers.organisation_key, -1) as peer_key,
    peer_groups.peer_code,
    peer_groups.position
from reference.peer_groups
inner join newest_versions
    on
        peer_groups."group" = newest_versions.peer_group
        and peer_groups.owner_code = newest_versions.owner_code
left join newest_organisations as owners
    on peer_groups.owner_code = owners.organisation_code
left join newest_organisations as peers
    on peer_groups.peer_code = peers.organisation_code
