-- One row per period of a measure for the reporting council, judged against its target.
-- The target is the version that applies to the period (int_targets_applied); a band
-- measure without one is judged by the band of its handbook entry. Tolerance and scheme
-- are the target's, else the measure's, else 5 % of the target. Value and limit are
-- compared unrounded, to 9 places, half away from zero (RAG-6); a council that compares
-- what it displays says so in the measure. Green, amber and red follow RAG-2 to RAG-5,
-- RAG-9 and RAG-13; without a status rag_reason says why. A suppressed value has no
-- status, variance or direction (RAG-11).
--
-- materialized: partition(measure_code)
-- grain: [measure_code, area_code, period_code]
-- columns:
--   measure_code: Code of the measure.
--   area_code: Code of the area the value is of.
--   period_code: Canonical code of the period.
--   target: The target of the period; null for a band.
--   target_low: Lower bound of the band.
--   target_high: Upper bound of the band.
--   target_version: Version of the target; null where the band is the measure's own or
--     there is no target.
--   target_kind: Kind of target.
--   target_note: What the target's line says of it, else what the head of its file says.
--   rag: green, amber or red; null where there is no status.
--   rag_reason: Why there is no status, context, no_target, no_data, suppressed or
--     not_due; null where there is one.
--   rag_note: What else a reader should know of the status.
--   variance: Value minus target, in the measure's units.
--   variance_percent: Variance as a percentage of the target's size; null for a target
--     of zero.
--   is_favourable: Whether the variance is on the better side or nothing.
--   rounds_to_target: Whether value and target are displayed alike though the status is
--     not green.
-- tests:
--   - unique: [measure_code, area_code, period_code]
--   - accepted_values: {column: rag, values: [green, amber, red]}
--   - accepted_values:
--       column: rag_reason
--       values: [context, no_target, no_data, suppressed, not_due, provisional_hidden]
--   - holds: (rag is null) <> (rag_reason is null)

with targeted as (
    select
        compared.measure_code,
        compared.area_code,
        compared.period_code,
        compared.value,
        compared.value_status,
        compared.year_ago_value,
        compared.direction_long,
        coalesce(measures.polarity, 'context') as polarity,
        measures.influence,
        measures.decimals,
        rag_places(measures.rag_compare, measures.decimals) as places,
        targets.target_value as target,
        case
            when targets.band_low is not null or targets.band_high is not null
                then targets.band_low
            when measures.polarity = 'band' then measures.band_low
        end as target_low,
        case
            when targets.band_low is not null or targets.band_high is not null
                then targets.band_high
            when measures.polarity = 'band' then measures.band_high
        end as target_high,
        targets.version as target_version,
        targets.kind as target_kind,
        coalesce(targets.note, targets.note_file) as target_note,
        case
            when measures.compliance then 'compliance'
            else coalesce(targets.rag_scheme, measures.rag_scheme, 'standard')
        end as scheme,
        tolerance_kind_used(targets.tolerance_kind, measures.tolerance_kind)
            as tolerance_kind,
        tolerance_value_used(
            targets.tolerance_kind,
            targets.tolerance_value,
            measures.tolerance_kind,
            measures.tolerance_value
        ) as tolerance_value
    from intermediate.int_observations_compared as compared
    left join handbook.measures as measures
        on compared.measure_code = measures.measure_code
    left join intermediate.int_targets_applied as targets
        on
            compared.measure_code = targets.measure_code
            and compared.organisation_code = targets.organisation_code
            and compared.period_code = targets.period_code
            and targets.is_applied
),

reasoned as (
    select
        *,
        rag_reason(
            value,
            value_status,
            rag_has_target(target, target_low, target_high, polarity),
            polarity,
            influence
        ) as rag_reason
    from targeted
),

rated as (
    select
        *,
        case
            when rag_reason is null
                then rag_status(
                    value,
                    target,
                    target_low,
                    target_high,
                    polarity,
                    scheme,
                    tolerance_kind,
                    tolerance_value,
                    places,
                    direction_long
                )
        end as rag
    from reasoned
)

select
    measure_code,
    area_code,
    period_code,
    target,
    target_low,
    target_high,
    target_version,
    target_kind,
    target_note,
    rag,
    rag_reason,
    case
        when rag = 'red' and scheme = 'target_then_dot' and year_ago_value is null
            then 'no value a year ago to compare with'
        when rag is not null and value_status in ('provisional', 'estimated')
            then 'the value is ' || value_status
    end as rag_note,
    cast(value - target as decimal(38, 10)) as variance,
    decimal_divide((value - target) * 100, abs(target)) as variance_percent,
    case polarity
        when 'higher' then value >= target
        when 'lower' then value <= target
    end as is_favourable,
    coalesce(
        rag in ('amber', 'red')
        and round_to(value, decimals) = round_to(target, decimals),
        false
    ) as rounds_to_target
from rated
