-- One row per measure of the handbook, live or not, as people read it: what it is, why
-- it is measured, how it is computed, judged and compared, who answers for it and what
-- it serves. The target is that of the council's latest period for which one applies.
-- Outcome and theme are the first of the plan that the measure serves today, else the
-- last it served; the priority is the one that outcome lies in.
--
-- materialized: table
-- grain: measure_code
-- columns:
--   measure_code: Code of the measure.
--   measure_name: Name of the measure.
--   short_name: Name for narrow places.
--   description: What is measured.
--   rationale: Why, and what a good result means.
--   priority: Priority of the plan that it serves.
--   outcome: Outcome of the plan that it serves.
--   theme: Theme that it belongs to.
--   unit: Unit of the value.
--   decimals: Decimal places displayed.
--   better: Which way is better, in words.
--   frequency: How often a value is due.
--   period_basis: Year that its periods follow.
--   reporting_lag_days: Normal days from the end of a period to its value.
--   accumulation: flow, cumulative, snapshot or rolling.
--   calculation_method: How it is computed, in words.
--   definition: How it is computed, as it runs.
--   source_note: Where the figures come from.
--   licence: Licence of the source.
--   data_quality: good, acceptable or poor.
--   data_quality_note: What to know of the data.
--   peer_group: Group of councils it is compared with.
--   rag_scheme: How a status is found.
--   tolerance: Tolerance of the target, in words.
--   target_period: Latest period for which a target applies.
--   target: Target of that period; null for a band.
--   target_low: Lower bound of the target band.
--   target_high: Upper bound of the target band.
--   target_note: What its line, else the head of its file, says of the target.
--   owner: Post answerable for the measure.
--   data_owner: Post answerable for its data.
--   submitter: Who sends the data.
--   portfolio_holder: Cabinet member.
--   directorate: Directorate.
--   publication: internal, restricted or public.
--   status: draft, live, suspended or retired.
--   version: Number of the current version of its definition.
--   valid_from: First day on which that version is valid.
--   change_reason: Why the definition changed.
--   break_note: Why values before that day are not comparable, where they are not.
--   approved_by: Who approved the definition.
--   approved_at: Day of the approval.
--   review_date: Day by which it is to be reviewed.
--   is_review_due: Whether that day is past on the day of the run.
--   file: File of the council's folder that defines it.
--   line: Line of that file.
-- tests:
--   - unique: measure_code
--   - not_null: [measure_code, measure_name, status, better]

with outcomes as (
    select
        links.measure_code,
        links.node_name as outcome,
        priorities.node_name as priority,
        row_number() over (
            partition by links.measure_code
            order by
                case when links.is_current then 0 else 1 end,
                links.valid_to desc,
                priorities.position nulls last,
                links.position nulls last,
                links.node_code
        ) as choice
    from core.bridge_golden_thread as links
    left join handbook.plan_nodes as priorities
        on
            links.parent_code = priorities.node_code
            and priorities.node_level = 'priority'
    where links.link_kind = 'outcome' and not links.is_orphan
),

themes as (
    select
        measure_code,
        node_name as theme,
        row_number() over (
            partition by measure_code
            order by
                case when is_current then 0 else 1 end,
                valid_to desc,
                position nulls last,
                node_code
        ) as choice
    from core.bridge_golden_thread
    where link_kind = 'theme' and not is_orphan
),

targets as (
    select
        targets.measure_code,
        targets.target_value,
        targets.band_low,
        targets.band_high,
        targets.tolerance_kind,
        targets.tolerance_value,
        targets.rag_scheme,
        targets.note,
        targets.note_file,
        coalesce(periods.period_label, targets.period_code) as period_label,
        row_number() over (
            partition by targets.measure_code
            order by periods.end_date desc nulls last, periods.start_date desc nulls last
        ) as recency
    from intermediate.int_targets_applied as targets
    inner join handbook.council
        on targets.organisation_code = council.organisation_code
    left join reference.periods as periods
        on targets.period_code = periods.period_code
    where targets.is_applied
),

tolerances as (
    select
        measures.measure_code,
        tolerance_kind_used(targets.tolerance_kind, measures.tolerance_kind)
            as tolerance_kind,
        plain_number(
            tolerance_value_used(
                targets.tolerance_kind,
                targets.tolerance_value,
                measures.tolerance_kind,
                measures.tolerance_value
            )
            * case
                when
                    tolerance_kind_used(targets.tolerance_kind, measures.tolerance_kind)
                    = 'relative'
                    then 100
                else 1
            end
        ) as tolerance_size
    from handbook.measures as measures
    left join targets
        on measures.measure_code = targets.measure_code and targets.recency = 1
)

select
    measures.measure_code,
    coalesce(measures.name, measures.measure_code) as measure_name,
    measures.short_name,
    measures.description,
    measures.rationale,
    outcomes.priority,
    outcomes.outcome,
    themes.theme,
    measures.unit,
    cast(measures.decimals as bigint) as decimals,
    case measures.polarity
        when 'higher' then 'higher is better'
        when 'lower' then 'lower is better'
        when 'band' then 'inside the band is better'
        else 'neither way is better'
    end as better,
    measures.frequency,
    measures.period_basis,
    cast(measures.reporting_lag_days as bigint) as reporting_lag_days,
    measures.accumulation,
    measures.calculation_method,
    measures.definition_text as definition,
    measures.source_note,
    measures.licence,
    measures.data_quality,
    measures.data_quality_note,
    measures.peer_group,
    case
        when measures.compliance then 'compliance'
        else coalesce(targets.rag_scheme, measures.rag_scheme, 'standard')
    end as rag_scheme,
    case
        when is_context(measures.polarity, measures.influence) then null
        when measures.compliance or tolerances.tolerance_kind = 'none' then 'none'
        when tolerances.tolerance_kind = 'relative'
            then tolerances.tolerance_size || ' % of the target'
        when measures.unit = '%' then tolerances.tolerance_size || ' percentage points'
        else tolerances.tolerance_size || ' ' || coalesce(measures.unit, 'units')
    end as tolerance,
    targets.period_label as target_period,
    targets.target_value as target,
    coalesce(targets.band_low, measures.band_low) as target_low,
    coalesce(targets.band_high, measures.band_high) as target_high,
    coalesce(targets.note, targets.note_file) as target_note,
    measures.owner,
    measures.data_owner,
    measures.submitter,
    measures.portfolio_holder,
    measures.directorate,
    measures.publication,
    coalesce(measures.status, 'live') as status,
    cast(versions.version as bigint) as version,
    versions.valid_from,
    measures.change_reason,
    case when versions.break_in_series then measures.break_note end as break_note,
    measures.approved_by,
    measures.approved_at,
    measures.review_date,
    run_date.run_date > measures.review_date as is_review_due,
    measures.file,
    cast(measures.line as bigint) as line
from handbook.measures as measures
left join outcomes
    on measures.measure_code = outcomes.measure_code and outcomes.choice = 1
left join themes
    on measures.measure_code = themes.measure_code and themes.choice = 1
left join targets
    on measures.measure_code = targets.measure_code and targets.recency = 1
left join tolerances
    on measures.measure_code = tolerances.measure_code
left join core.dim_measures as versions
    on measures.measure_code = versions.measure_code and versions.is_current
left join meta.run_date
    on 1 = 1
