-- One row per target version and period it may serve, with who approved it, when and
-- why. At a cut-off d the version with applies_from <= d and d < applies_to applies;
-- versions that were proposed or rejected never do.
--
-- materialized: partition(measure_key)
-- grain: [measure_key, organisation_key, period_key, set_from_period, version]
-- columns:
--   measure_key: Measure; -1 unknown.
--   organisation_key: Organisation whose target it is; -1 unknown.
--   period_key: Period; -1 unknown.
--   set_from_period: First period that the target was set for.
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
--   note: What its line, else the head of its file, says of it.
--   applies_from: First cut-off at which the version applies to the period; null where
--     it never does.
--   applies_to: First cut-off at which another version does; 9999-12-31 while none.
--   is_applied: Whether the version applies to the period on the day of the run.
-- tests:
--   - unique: [measure_key, organisation_key, period_key, set_from_period, version]
--   - not_null: [measure_key, organisation_key, period_key, version, is_applied]
--   - relationships: measure_key -> core.dim_measures.measure_key
--   - relationships: organisation_key -> core.dim_organisations.organisation_key
--   - relationships: period_key -> core.dim_periods.period_key

select
    coalesce(measures.measure_key, -1) as measure_key,
    coalesce(organisations.organisation_key, -1) as organisation_key,
    coalesce(periods.period_key, -1) as period_key,
    targets.period_from as set_from_period,
    targets.version,
    targets.target_value,
    targets.band_low,
    targets.band_high,
    targets.kind,
    targets.tolerance_kind,
    targets.tolerance_value,
    targets.rag_scheme,
    targets.status,
    targets.effective_from_period,
    targets.proposed_by,
    targets.approved_by,
    targets.approved_at,
    targets.approval_body,
    targets.reason,
    coalesce(targets.note, targets.note_file) as note,
    targets.applies_from,
    targets.applies_to,
    targets.is_applied
from intermediate.int_targets_applied as targets
left join core.dim_measures as measures
    on targets.measure_code = measures.measure_code and measures.is_current
left join core.dim_periods as periods
    on targets.period_code = periods.period_code
left join core.dim_organisations as organisations
    on
        targets.organisation_code = organisations.organisation_code
        and coalesce(periods.end_date, date '9999-12-30') >= organisations.valid_from
        and coalesce(periods.end_date, date '9999-12-30') < organisations.valid_to
