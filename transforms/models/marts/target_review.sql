-- One row per live measure for the yearly review of targets: the latest value with its
-- target and status, the same period one and two years before, the peers and the nation,
-- and what has been proposed. A proposal is a line of targets/*.csv whose status is
-- proposed: of several the one for the latest period, and of that the last version.
--
-- materialized: table
-- grain: measure_code
-- columns:
--   measure_code: Code of the measure.
--   measure_name: Name of the measure.
--   directorate: Directorate of the measure.
--   owner: Post answerable for the measure.
--   unit: Unit of the values.
--   polarity: higher or lower is better, band, or context where nothing is better.
--   decimals: Decimals that values are shown with.
--   period_code: Canonical code of the latest period.
--   period_label: The period as people write it.
--   value: The latest value; null where there is none.
--   target: Target of that period; null for a band or none.
--   target_low: Lower bound of the band.
--   target_high: Upper bound of the band.
--   rag: green, amber or red; null where there is no status.
--   year_ago_label: The same period a year before, where observed.
--   year_ago_value: Value of that period.
--   year_ago_target: Target of that period.
--   year_ago_rag: Status of that period.
--   two_years_ago_label: The same period two years before, where observed.
--   two_years_ago_value: Value of that period.
--   two_years_ago_target: Target of that period.
--   two_years_ago_rag: Status of that period.
--   direction_long: Direction since a year ago.
--   peer_group: Group of councils it is compared with; null where there is none.
--   peer_mean: Mean of the peers with a value, without the council; null below 3.
--   peer_median: Median of the same.
--   best_quarter_value: Value from which the best quarter of the ranked lies; null where
--     neither way is better, or below 4 ranked.
--   rank: Rank of the council among its peers, 1 the best or highest.
--   rank_of: How many are ranked.
--   quartile: Quartile of the rank, 1 the best or highest.
--   national_value: Value of the nation for the same period.
--   proposed_from_period: First period the proposal is for; null where there is none.
--   proposed_target: The target that is proposed.
--   proposed_low: Lower bound of the band that is proposed.
--   proposed_high: Upper bound of the band that is proposed.
--   proposed_by: Who proposed it.
--   proposed_reason: Why.
-- tests:
--   - unique: measure_code
--   - not_null: [measure_code, measure_name, polarity]

with ordered as (
    select
        targets.measure_code,
        targets.period_from,
        targets.target_value,
        targets.band_low,
        targets.band_high,
        targets.proposed_by,
        targets.reason,
        row_number() over (
            partition by targets.measure_code
            order by periods.start_date desc nulls last, targets.version desc
        ) as place
    from handbook.targets as targets
    inner join handbook.council
        on targets.organisation_code = council.organisation_code
    left join reference.periods as periods
        on targets.period_from = periods.period_code
    where targets.status = 'proposed'
),

proposals as (
    select *
    from ordered
    where place = 1
)

select
    scorecard.measure_code,
    scorecard.measure_name,
    scorecard.directorate,
    scorecard.owner,
    scorecard.unit,
    scorecard.polarity,
    scorecard.decimals,
    scorecard.period_code,
    scorecard.period_label,
    scorecard.value,
    scorecard.target,
    scorecard.target_low,
    scorecard.target_high,
    scorecard.rag,
    year_ago.period_label as year_ago_label,
    year_ago.value as year_ago_value,
    year_ago.target as year_ago_target,
    year_ago.rag as year_ago_rag,
    two_years_ago.period_label as two_years_ago_label,
    two_years_ago.value as two_years_ago_value,
    two_years_ago.target as two_years_ago_target,
    two_years_ago.rag as two_years_ago_rag,
    scorecard.direction_long,
    scorecard.peer_group,
    scorecard.peer_mean,
    scorecard.peer_median,
    case scorecard.polarity
        when 'higher' then peers.cut_75
        when 'lower' then peers.cut_25
    end as best_quarter_value,
    scorecard.rank,
    scorecard.rank_of,
    scorecard.quartile,
    scorecard.national_value,
    proposals.period_from as proposed_from_period,
    proposals.target_value as proposed_target,
    proposals.band_low as proposed_low,
    proposals.band_high as proposed_high,
    proposals.proposed_by,
    proposals.reason as proposed_reason
from marts.scorecard as scorecard
left join marts.measure_trend as year_ago
    on
        scorecard.measure_code = year_ago.measure_code
        and scorecard.area_code = year_ago.area_code
        and scorecard.year_ago_period_code = year_ago.period_code
left join marts.measure_trend as two_years_ago
    on
        year_ago.measure_code = two_years_ago.measure_code
        and year_ago.area_code = two_years_ago.area_code
        and year_ago.year_ago_period_code = two_years_ago.period_code
left join marts.benchmarks as peers
    on
        scorecard.measure_code = peers.measure_code
        and scorecard.period_code = peers.period_code
        and scorecard.organisation_code = peers.organisation_code
left join proposals
    on scorecard.measure_code = proposals.measure_code
