-- One row per measure, period and organisation with an observation, for the reporting
-- council and the peers of the measure's group: rank, quartile and the group's figures,
-- as int_peers_ranked finds them. Measures without a peer group are left out.
--
-- materialized: partition(measure_code)
-- grain: [measure_code, period_code, organisation_code]
-- columns:
--   measure_code: Code of the measure.
--   measure_name: Name of the measure.
--   organisation_code: GSS code of the council or its peer.
--   organisation_name: Name of the council or its peer.
--   is_reporting_council: Whether it is the reporting council.
--   period_code: Canonical code of the period.
--   period_label: The period as people write it.
--   is_latest: Whether it is the reporting council's latest period of the measure.
--   value: The organisation's value; null where its status says why there is none.
--   numerator: What was counted, where the measure has counts.
--   denominator: What it was counted out of.
--   value_status: ok, provisional or estimated with a value; missing, suppressed and
--     others without.
--   unit: Unit of the value.
--   polarity: higher or lower is better, band, or context where nothing is better.
--   peer_group: Group of councils.
--   peer_group_version: Version of the group.
--   peer_position: Place in the group, 1 the nearest; null for the council.
--   peer_mean: Mean of the peers with a value, without the council; null below 3.
--   peer_median: Median of the same.
--   peer_weighted_value: Sum of the peers' numerators over the sum of their
--     denominators; null without counts.
--   peer_count: Peers with a value.
--   peer_members: Members of the group.
--   peer_coverage_warning: Whether fewer than 60 % of the members have a value.
--   rank: Rank of the organisation, 1 the best or highest.
--   rank_of: How many are ranked, the council among them.
--   quartile: Quartile of the rank, 1 the best or highest; null below 4 ranked.
--   cut_25: Value below which a quarter of the ranked values lie; null below 4 ranked.
--   cut_50: Median of the ranked values, the council's among them.
--   cut_75: Value below which three quarters of the ranked values lie.
--   national_value: Value of the council's nation for the same period.
-- tests:
--   - unique: [measure_code, period_code, organisation_code]
--   - not_null: [measure_code, organisation_code, organisation_name, period_code,
--       value_status, peer_group, peer_count, peer_members]
--   - holds: peer_count <= peer_members and rank <= rank_of and rank_of <= peer_members
--       + 1
--   - holds: quartile between 1 and 4

with organisations as (
    select
        organisation_code,
        max(organisation_name) as organisation_name
    from core.dim_organisations
    where valid_to = date '9999-12-31'
    group by organisation_code
),

national as (
    select
        observations.measure_code,
        observations.period_code,
        observations.value
    from intermediate.int_observations_placed as observations
    inner join handbook.council
        on observations.area_code = national_area(council.organisation_code)
    where observations.breakdown_code = 'all'
)

select
    ranked.measure_code,
    coalesce(measures.name, ranked.measure_code) as measure_name,
    ranked.organisation_code,
    coalesce(organisations.organisation_name, ranked.organisation_code)
        as organisation_name,
    ranked.is_reporting_council,
    ranked.period_code,
    coalesce(periods.period_label, ranked.period_code) as period_label,
    latest.period_code is not null as is_latest,
    ranked.value,
    ranked.numerator,
    ranked.denominator,
    ranked.value_status,
    measures.unit,
    coalesce(measures.polarity, 'context') as polarity,
    ranked.peer_group,
    ranked.peer_group_version,
    cast(ranked.position as bigint) as peer_position,
    ranked.peer_mean,
    ranked.peer_median,
    ranked.peer_weighted_value,
    ranked.peer_count,
    ranked.peer_members,
    ranked.peer_coverage_warning,
    ranked.rank,
    ranked.rank_of,
    ranked.quartile,
    ranked.cut_25,
    ranked.cut_50,
    ranked.cut_75,
    national.value as national_value
from intermediate.int_peers_ranked as ranked
left join handbook.measures as measures
    on ranked.measure_code = measures.measure_code
left join reference.periods as periods
    on ranked.period_code = periods.period_code
left join organisations
    on ranked.organisation_code = organisations.organisation_code
left join national
    on
        ranked.measure_code = national.measure_code
        and ranked.period_code = national.period_code
left join intermediate.int_observations_compared as latest
    on
        ranked.measure_code = latest.measure_code
        and ranked.period_code = latest.period_code
        and latest.is_latest
