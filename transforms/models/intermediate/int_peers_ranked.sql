-- One row per measure, period and organisation with an observation, for the reporting
-- council and its peers, with rank, quartile and the figures of the group. Mean and
-- median are of the peers that have a value and leave the council out; they need 3
-- values. Rank, quartile and cut points include the council and leave out who has no
-- value. Rank 1 is the best, of context and band measures the highest; equals share the
-- better rank (RNK-1 to RNK-3). Quartiles (QRT-1) and cut points (QRT-2) need 4 values.
-- The weighted value is the sum of the peers' numerators over the sum of their
-- denominators, where all that have a value have both. Below 60 % of members with a
-- value, coverage is low. Figures compare values of one period only.
--
-- materialized: view(measure_code)
-- grain: [measure_code, period_code, organisation_code]
-- columns:
--   measure_code: Code of the measure.
--   period_code: Canonical code of the period.
--   organisation_code: GSS code of the council or its peer.
--   is_reporting_council: Whether this is the council itself.
--   value: The organisation's value; null where its status says why there is none.
--   numerator: What was counted, where the measure has counts.
--   denominator: What it was counted out of.
--   value_status: ok, provisional or estimated with a value; missing, suppressed and
--     others without.
--   peer_group: Name of the group.
--   peer_group_version: Version of the group.
--   position: Place in the group, 1 the nearest; null for the council.
--   peer_mean: Mean of the peers with a value, without the council.
--   peer_median: Median of the same.
--   peer_weighted_value: Sum of the peers' numerators over the sum of their
--     denominators, in the measure's unit.
--   peer_count: Peers with a value.
--   peer_members: Members of the group.
--   peer_coverage_warning: Whether fewer than 60 % of the members have a value.
--   rank: Competition rank of the organisation, 1 the best or highest.
--   rank_of: How many are ranked.
--   quartile: Quartile of the rank, 1 the best or highest.
--   cut_25: Value below which a quarter of the ranked values lie.
--   cut_50: Median of the ranked values, the council's among them.
--   cut_75: Value below which three quarters of the ranked values lie.

with observed as (
    select
        peers.measure_code,
        observations.period_code,
        peers.organisation_code,
        peers.is_reporting_council,
        peers.peer_group,
        peers.peer_group_version,
        peers.position,
        peers.peer_members,
        observations.value,
        observations.numerator,
        observations.denominator,
        observations.value_status,
        coalesce(measures.multiplier, 1) as multiplier,
        rank_value(observations.value, measures.polarity) as rank_value,
        case when not peers.is_reporting_council then observations.value end as peer_value
    from intermediate.int_peers_selected as peers
    inner join intermediate.int_observations_placed as observations
        on
            peers.measure_code = observations.measure_code
            and peers.organisation_code = observations.organisation_code
            and peers.organisation_code = observations.area_code
    inner join handbook.measures as measures
        on peers.measure_code = measures.measure_code
    where observations.breakdown_code = 'all'
),

ranked as (
    select
        *,
        case
            when value is not null
                then rank() over (
                    partition by measure_code, period_code
                    order by rank_value desc nulls last
                )
        end as rank
    from observed
),

gathered as (
    select
        measure_code,
        period_code,
        count(value) as rank_of,
        count(peer_value) as peer_count,
        sum(peer_value) as peer_sum,
        sum(case when peer_value is not null then numerator end) as peer_numerator,
        sum(case when peer_value is not null then denominator end) as peer_denominator,
        count(
            case
                when peer_value is not null and denominator is not null then numerator
            end
        ) as peers_with_counts,
        max(multiplier) as multiplier,
        array_agg(value order by value) filter (where value is not null) as amounts,
        array_agg(peer_value order by peer_value) filter (where peer_value is not null)
            as peer_amounts
    from observed
    group by measure_code, period_code
),

figures as (
    select
        measure_code,
        period_code,
        rank_of,
        peer_count,
        case
            when peer_count >= 3 then decimal_divide(peer_sum, peer_count)
        end as peer_mean,
        case when peer_count >= 3 then cut_of(peer_amounts, 2) end as peer_median,
        case
            when peer_count >= 3 and peers_with_counts = peer_count
                then decimal_divide(peer_numerator * multiplier, peer_denominator)
        end as peer_weighted_value,
        case when rank_of >= 4 then cut_of(amounts, 1) end as cut_25,
        case when rank_of >= 4 then cut_of(amounts, 2) end as cut_50,
        case when rank_of >= 4 then cut_of(amounts, 3) end as cut_75
    from gathered
)

select
    ranked.measure_code,
    ranked.period_code,
    ranked.organisation_code,
    ranked.is_reporting_council,
    ranked.value,
    ranked.numerator,
    ranked.denominator,
    ranked.value_status,
    ranked.peer_group,
    ranked.peer_group_version,
    ranked.position,
    figures.peer_mean,
    figures.peer_median,
    figures.peer_weighted_value,
    coalesce(figures.peer_count, 0) as peer_count,
    ranked.peer_members,
    coalesce(figures.peer_count, 0) * 100 < ranked.peer_members * 60
        as peer_coverage_warning,
    ranked.rank,
    case when ranked.rank is not null then figures.rank_of end as rank_of,
    quartile(ranked.rank, figures.rank_of) as quartile,
    figures.cut_25,
    figures.cut_50,
    figures.cut_75
from ranked
left join figures
    on
        ranked.measure_code = figures.measure_code
        and ranked.period_code = figures.period_code
