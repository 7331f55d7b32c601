-- The floor of a build: what someone who knows the star would write by hand for a scorecard and for benchmarks, over
-- tables that stand ready, without provenance, quality or tests.
create table benchmarks as
with council as (
    select organisation_key, organisation_code
    from ready.core.dim_organisations
    where is_reporting_council
),

compared as (
    select peer_group, peer_key as organisation_key, position, false as is_reporting_council
    from ready.core.bridge_peer_groups
    where is_newest_version and owner_key = (select organisation_key from council)
    union all
    select distinct peer_group, owner_key as organisation_key, null as position, true as is_reporting_council
    from ready.core.bridge_peer_groups
    where is_newest_version and owner_key = (select organisation_key from council)
),

observed as (
    select
        observations.measure_key,
        observations.period_key,
        observations.organisation_key,
        observations.value,
        observations.numerator,
        observations.denominator,
        observations.value_status,
        compared.peer_group,
        compared.position,
        compared.is_reporting_council,
        case measures.polarity when 'lower' then -observations.value else observations.value end as rank_value
    from ready.core.fct_observations as observations
    inner join ready.core.dim_measures as measures
        on observations.measure_key = measures.measure_key
    inner join compared
        on observations.organisation_key = compared.organisation_key and measures.peer_group = compared.peer_group
    inner join ready.core.dim_organisations as organisations
        on observations.organisation_key = organisations.organisation_key
    inner join ready.core.dim_areas as areas
        on observations.area_key = areas.area_key and areas.area_code = organisations.organisation_code
    where observations.breakdown_key = 0
),

figures as (
    select
        measure_key,
        period_key,
        count(value) as rank_of,
        count(value) filter (where not is_reporting_council) as peer_count,
        sum(value) filter (where not is_reporting_council) / count(value) filter (where not is_reporting_council) as peer_mean,
        median(value) filter (where not is_reporting_council) as peer_median,
        quantile_cont(value, [0.25, 0.5, 0.75]) as cuts,
        100 * sum(numerator) filter (where not is_reporting_council)
        / sum(denominator) filter (where not is_reporting_council) as peer_weighted_value
    from observed
    group by measure_key, period_key
),

ranked as (
    select
        *,
        rank() over (partition by measure_key, period_key order by rank_value desc) as rank
    from observed
)

select
    measures.measure_code,
    measures.measure_name,
    organisations.organisation_code,
    organisations.organisation_name,
    ranked.is_reporting_council,
    periods.period_code,
    periods.period_label,
    ranked.value,
    ranked.numerator,
    ranked.denominator,
    ranked.value_status,
    measures.unit,
    measures.polarity,
    ranked.peer_group,
    ranked.position as peer_position,
    figures.peer_mean,
    figures.peer_median,
    figures.peer_weighted_value,
    figures.peer_count,
    ranked.rank,
    figures.rank_of,
    5 - ceil((figures.rank_of + 1 - ranked.rank) * 4 / figures.rank_of) as quartile,
    figures.cuts[1] as cut_25,
    figures.cuts[2] as cut_50,
    figures.cuts[3] as cut_75
from ranked
inner join figures
    on ranked.measure_key = figures.measure_key and ranked.period_key = figures.period_key
inner join ready.core.dim_measures as measures
    on ranked.measure_key = measures.measure_key
inner join ready.core.dim_periods as periods
    on ranked.period_key = periods.period_key
inner join ready.core.dim_organisations as organisations
    on ranked.organisation_key = organisations.organisation_key;

create table scorecard as
with series as (
    select
        observations.*,
        periods.period_code,
        periods.period_label,
        lag(observations.value) over (partition by observations.measure_key order by periods.end_date) as previous_value,
        lag(observations.value, 4) over (partition by observations.measure_key order by periods.end_date) as year_ago_value,
        row_number() over (partition by observations.measure_key order by periods.end_date desc) as recency
    from ready.core.fct_observations as observations
    inner join ready.core.dim_periods as periods
        on observations.period_key = periods.period_key
    inner join ready.core.dim_organisations as organisations
        on observations.organisation_key = organisations.organisation_key
    inner join ready.core.dim_areas as areas
        on observations.area_key = areas.area_key and areas.area_code = organisations.organisation_code
    where organisations.is_reporting_council and observations.breakdown_key = 0
)

select
    measures.measure_code,
    measures.measure_name,
    series.period_code,
    series.period_label,
    series.value,
    series.numerator,
    series.denominator,
    targets.target_value as target,
    case
        when case measures.polarity when 'lower' then series.value <= targets.target_value else series.value >= targets.target_value end
            then 'green'
        when abs(series.value - targets.target_value) <= 0.05 * abs(targets.target_value) then 'amber'
        when targets.target_value is not null then 'red'
    end as rag,
    series.previous_value,
    series.year_ago_value,
    benchmarks.rank,
    benchmarks.rank_of,
    benchmarks.quartile,
    benchmarks.peer_mean,
    benchmarks.peer_median
from ready.core.dim_measures as measures
inner join series
    on measures.measure_key = series.measure_key and series.recency = 1
left join ready.core.fct_targets as targets
    on
        series.measure_key = targets.measure_key
        and series.period_key = targets.period_key
        and series.organisation_key = targets.organisation_key
        and targets.is_applied
left join benchmarks
    on
        measures.measure_code = benchmarks.measure_code
        and series.period_code = benchmarks.period_code
        and benchmarks.is_reporting_council;

checkpoint;
