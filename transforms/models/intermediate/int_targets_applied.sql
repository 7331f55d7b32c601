-- One row per target version and period it may serve: every observed period of the
-- measure and organisation that lies in the target's periods and not before
-- effective_from_period, and the target's own first period. A period lies in the
-- target's when it begins and ends there; a period of another basis (rolling year, point
-- in time) when it ends there. Where shorter periods add up to longer ones (sums,
-- cumulative values) the target must be set for periods of the same length: a year's
-- total is no target for a quarter (RAG-12). Of the versions approved on or before a
-- cut-off, the one effective latest applies, of those the highest version; superseded
-- versions still serve the periods and cut-offs before their successor (W11). So at
-- cut-off d the version with applies_from <= d and d < applies_to applies. Proposed and
-- rejected versions never apply.
--
-- materialized: partition(measure_code)
-- grain: [measure_code, organisation_code, period_code, period_from, version]
-- columns:
--   measure_code: Code of the measure.
--   organisation_code: GSS code of the organisation whose target it is.
--   period_code: Canonical code of the period.
--   period_from: First period that the target was set for.
--   version: Number of the target version.
--   target_value: The target; null where only a band is set.
--   band_low: Lower bound of the target band.
--   band_high: Upper bound of the target band.
--   kind: Kind of target, such as minimum, maximum or statutory threshold.
--   tolerance_kind: relative, absolute or none; null where the measure's own applies.
--   tolerance_value: Share of the target, or units of the measure.
--   rag_scheme: standard, compliance or target_then_dot; null where the measure's own
--     applies.
--   status: proposed, approved, rejected or superseded.
--   effective_from_period: First period the version serves.
--   proposed_by: Who proposed it.
--   approved_by: Who approved it.
--   approved_at: Day of the approval.
--   approval_body: Body that approved it.
--   reason: Why it was set or changed.
--   note: What else its line says.
--   note_file: What the head of its file says of all its targets.
--   applies_from: First cut-off at which the version applies to the period; null where
--     it never does.
--   applies_to: First cut-off at which another version does; 9999-12-31 while none.
--   is_applied: Whether the version applies to the period on the day of the run.
-- tests:
--   - unique: [measure_code, organisation_code, period_code, period_from, version]
--   - not_null: [measure_code, organisation_code, period_code, version, is_applied]
--   - holds: status in ('approved', 'superseded') or not is_applied

with targets as (
    select
        targets.measure_code,
        targets.organisation_code,
        targets.period_from,
        targets.target_value,
        targets.band_low,
        targets.band_high,
        targets.kind,
        targets.tolerance_kind,
        targets.tolerance_value,
        targets.rag_scheme,
        targets.status,
        targets.proposed_by,
        targets.approved_by,
        targets.approved_at,
        targets.approval_body,
        targets.reason,
        targets.note,
        targets.note_file,
        coalesce(targets.version, 1) as target_version,
        coalesce(targets.period_to, targets.period_from) as last_period,
        coalesce(targets.effective_from_period, targets.period_from)
            as first_served_period,
        coalesce(measures.time_aggregation, 'none') = 'sum'
        or coalesce(measures.accumulation, 'flow') = 'cumulative' as needs_same_length
    from handbook.targets as targets
    left join handbook.measures as measures
        on targets.measure_code = measures.measure_code
),

targeted as (
    select distinct
        measure_code,
        organisation_code
    from handbook.targets
),

asked as (
    select
        observations.measure_code,
        observations.organisation_code,
        observations.period_code
    from intermediate.int_observations_placed as observations
    inner join targeted
        on
            observations.measure_code = targeted.measure_code
            and observations.organisation_code = targeted.organisation_code
    where observations.breakdown_code = 'all'
    union
    select
        measure_code,
        organisation_code,
        period_from as period_code
    from handbook.targets
),

candidates as (
    select
        targets.*,
        asked.period_code,
        first_day.start_date as first_start_date,
        coalesce(effective.start_date, first_day.start_date, date '1900-01-01')
            as effective_date,
        case
            when targets.status in ('approved', 'superseded')
                then coalesce(targets.approved_at, date '1900-01-01')
        end as approved_date
    from targets
    inner join asked
        on
            targets.measure_code = asked.measure_code
            and targets.organisation_code = asked.organisation_code
    left join reference.periods as periods
        on asked.period_code = periods.period_code
    left join reference.periods as first_day
        on targets.period_from = first_day.period_code
    left join reference.periods as last_day
        on targets.last_period = last_day.period_code
    left join reference.periods as effective
        on targets.first_served_period = effective.period_code
    where
        (
            asked.period_code = targets.period_from
            or (
                periods.end_date >= first_day.start_date
                and periods.end_date <= last_day.end_date
                and (
                    periods.start_date >= first_day.start_date
                    or periods.basis <> first_day.basis
                )
                and (
                    not targets.needs_same_length
                    or periods.length_months = first_day.length_months
                )
            )
        )
        and (
            targets.first_served_period = targets.period_from
            or effective.start_date <= periods.end_date
        )
),

ordered as (
    select
        *,
        row_number() over (
            partition by measure_code, organisation_code, period_code
            order by
                effective_date,
                target_version,
                first_start_date nulls first,
                period_from
        ) as precedence
    from candidates
),

overtaken as (
    select
        ordered.measure_code,
        ordered.organisation_code,
        ordered.period_code,
        ordered.precedence,
        min(better.approved_date) as overtaken_date
    from ordered
    inner join ordered as better
        on
            ordered.measure_code = better.measure_code
            and ordered.organisation_code = better.organisation_code
            and ordered.period_code = better.period_code
            and ordered.precedence < better.precedence
    group by
        ordered.measure_code,
        ordered.organisation_code,
        ordered.period_code,
        ordered.precedence
),

dated as (
    select
        ordered.*,
        case
            when
                overtaken.overtaken_date is null
                or ordered.approved_date < overtaken.overtaken_date
                then ordered.approved_date
        end as applies_from,
        overtaken.overtaken_date
    from ordered
    left join overtaken
        on
            ordered.measure_code = overtaken.measure_code
            and ordered.organisation_code = overtaken.organisation_code
            and ordered.period_code = overtaken.period_code
            and ordered.precedence = overtaken.precedence
)

select
    dated.measure_code,
    dated.organisation_code,
    dated.period_code,
    dated.period_from,
    dated.target_version as version,
    dated.target_value,
    dated.band_low,
    dated.band_high,
    dated.kind,
    dated.tolerance_kind,
    dated.tolerance_value,
    dated.rag_scheme,
    dated.status,
    dated.first_served_period as effective_from_period,
    dated.proposed_by,
    dated.approved_by,
    dated.approved_at,
    dated.approval_body,
    dated.reason,
    dated.note,
    dated.note_file,
    dated.applies_from,
    case
        when dated.applies_from is not null
            then coalesce(dated.overtaken_date, date '9999-12-31')
    end as applies_to,
    coalesce(
        dated.applies_from <= run_date.run_date
        and (dated.overtaken_date is null or run_date.run_date < dated.overtaken_date),
        false
    ) as is_applied
from dated
left join meta.run_date
    on 1 = 1
