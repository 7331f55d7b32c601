-- One row per link of a measure to what it serves: outcomes, the priorities these lie
-- in, themes, report sets, directorates. A live measure without an outcome is an orphan
-- and has a row that says so, and so is a link to something that the plan does not hold.
-- A link holds from the first day of its first period to the last of its last; a period
-- that no observation or target uses has no dates, and leaves that side open.
--
-- materialized: table
-- grain: [measure_code, link_kind, node_code, valid_from]
-- columns:
--   measure_key: Key of the measure's current version; -1 unknown.
--   measure_code: Code of the measure.
--   link_kind: outcome, priority, theme, report_set or directorate.
--   node_code: Code of what it serves; none for a measure without outcome.
--   node_name: Name of what it serves.
--   parent_code: What that in turn lies in.
--   position: Place in the plan.
--   from_period: First period of the link; null where it always was.
--   to_period: Last period of the link; null while it lasts.
--   valid_from: First day of the link.
--   valid_to: Day on which it no longer holds; 9999-12-31 while it does.
--   is_current: Whether it holds on the day of the run.
--   is_orphan: Whether the measure reaches no outcome of the plan by this link.
-- tests:
--   - unique: [measure_code, link_kind, node_code, valid_from]
--   - not_null: [measure_key, measure_code, link_kind, node_code, is_orphan]
--   - relationships: measure_key -> core.dim_measures.measure_key
--   - accepted_values:
--       column: link_kind
--       values: [outcome, priority, theme, report_set, directorate]

with named as (
    select
        links.measure_code,
        links.link_kind,
        links.link_code as node_code,
        nodes.node_name,
        nodes.parent_code,
        nodes.position,
        links.from_period,
        links.to_period,
        links.link_kind <> 'directorate' and nodes.node_code is null as is_orphan
    from handbook.measure_links as links
    left join handbook.plan_nodes as nodes
        on
            links.link_code = nodes.node_code
            and links.link_kind = nodes.node_level
),

priorities as (
    select distinct
        named.measure_code,
        'priority' as link_kind,
        nodes.node_code,
        nodes.node_name,
        nodes.parent_code,
        nodes.position,
        named.from_period,
        named.to_period,
        false as is_orphan
    from named
    inner join handbook.plan_nodes as nodes
        on
            named.parent_code = nodes.node_code
            and nodes.node_level = 'priority'
    where named.link_kind = 'outcome'
),

orphans as (
    select
        measures.measure_code,
        'outcome' as link_kind,
        'none' as node_code,
        'No outcome' as node_name,
        null as parent_code,
        null as position,
        null as from_period,
        null as to_period,
        true as is_orphan
    from handbook.measures as measures
    where
        coalesce(measures.status, 'live') = 'live'
        and not exists (
            select 1
            from named
            where
                named.measure_code = measures.measure_code
                and named.link_kind = 'outcome'
        )
),

links as (
    select *
    from named
    union all
    select *
    from priorities
    union all
    select *
    from orphans
),

dated as (
    select
        links.*,
        coalesce(first_period.start_date, date '1900-01-01') as valid_from,
        case
            when last_period.end_date is null then date '9999-12-31'
            else last_period.end_date + 1
        end as valid_to
    from links
    left join reference.periods as first_period
        on links.from_period = first_period.period_code
    left join reference.periods as last_period
        on links.to_period = last_period.period_code
),

merged as (
    select
        measure_code,
        link_kind,
        node_code,
        valid_from,
        max(node_name) as node_name,
        max(parent_code) as parent_code,
        min(position) as position,
        min(from_period) as from_period,
        max(to_period) as to_period,
        max(valid_to) as valid_to,
        max(case when is_orphan then 1 else 0 end) = 1 as is_orphan
    from dated
    group by measure_code, link_kind, node_code, valid_from
)

select
    coalesce(measures.measure_key, -1) as measure_key,
    merged.measure_code,
    merged.link_kind,
    merged.node_code,
    coalesce(merged.node_name, merged.node_code) as node_name,
    merged.parent_code,
    merged.position,
    merged.from_period,
    case when merged.valid_to < date '9999-12-31' then merged.to_period end as to_period,
    merged.valid_from,
    merged.valid_to,
    coalesce(
        merged.valid_from <= run_date.run_date and run_date.run_date < merged.valid_to,
        false
    ) as is_current,
    merged.is_orphan
from merged
left join core.dim_measures as measures
    on merged.measure_code = measures.measure_code and measures.is_current
left join meta.run_date
    on 1 = 1
