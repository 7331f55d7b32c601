-- One row per outcome and per priority of the plan, with the status and direction of the
-- live measures that serve it today, and one row for measures without an outcome. A
-- measure that serves two outcomes counts in both, and once in their priority; so
-- outcomes do not add up to priorities. An outcome that no measure serves has a row of
-- noughts. Measures without a status are counted by reason and never as red. Direction
-- is the short one, of cumulative measures the long one.
--
-- materialized: table
-- grain: [plan_level, node_code]
-- columns:
--   plan_level: priority or outcome.
--   node_code: Code of the priority or outcome; none for measures without one.
--   node_name: Its name.
--   priority_code: Code of the priority; of an outcome the one it lies in.
--   priority: Name of that priority.
--   position: Order in the plan, each priority before its outcomes; null at the end.
--   measures: Live measures that serve it.
--   green: Measures on target.
--   amber: Measures within tolerance.
--   red: Measures off target.
--   with_status: Measures with a status, of which green is "x of y".
--   without_status: Measures without a status, the sum of the reasons that follow.
--   context: Measures that only describe the place.
--   no_target: Measures without a target for the period.
--   no_data: Measures without a value.
--   suppressed: Measures whose value is suppressed.
--   not_due: Measures whose value is not due yet.
--   improving: Measures that improve.
--   worsening: Measures that worsen.
--   no_change: Measures that stay as they are.
--   other_direction: Measures that only increase or decrease, or cannot be compared.
--   late: Measures whose next value is overdue.
-- tests:
--   - unique: [plan_level, node_code]
--   - not_null: [plan_level, node_code, node_name, measures]
--   - accepted_values: {column: plan_level, values: [priority, outcome]}
--   - holds: green + amber + red = with_status and with_status + without_status =
--       measures
--   - holds: improving + worsening + no_change + other_direction = measures

with nodes as (
    select
        nodes.node_level as plan_level,
        nodes.node_code,
        nodes.node_name,
        coalesce(priorities.node_code, nodes.node_code) as priority_code,
        coalesce(priorities.node_name, nodes.node_name) as priority,
        case
            when nodes.node_level = 'priority' then 1000 * nodes.position
            else 1000 * coalesce(priorities.position, 0) + nodes.position
        end as position
    from handbook.plan_nodes as nodes
    left join handbook.plan_nodes as priorities
        on
            nodes.parent_code = priorities.node_code
            and priorities.node_level = 'priority'
    where nodes.node_level in ('priority', 'outcome')
    union all
    select
        'outcome' as plan_level,
        'none' as node_code,
        'No outcome' as node_name,
        null as priority_code,
        null as priority,
        null as position
),

served as (
    select distinct
        link_kind as plan_level,
        case when is_orphan then 'none' else node_code end as node_code,
        measure_code
    from core.bridge_golden_thread
    where is_current and link_kind in ('priority', 'outcome')
),

placed as (
    select
        served.plan_level,
        served.node_code,
        scorecard.rag,
        scorecard.rag_reason,
        scorecard.is_late,
        case
            when scorecard.direction_short = 'not_applicable'
                then scorecard.direction_long
            else scorecard.direction_short
        end as direction
    from served
    inner join marts.scorecard
        on served.measure_code = scorecard.measure_code
),

counted as (
    select
        plan_level,
        node_code,
        count(*) as measures,
        count(case when rag = 'green' then 1 end) as green,
        count(case when rag = 'amber' then 1 end) as amber,
        count(case when rag = 'red' then 1 end) as red,
        count(rag) as with_status,
        count(rag_reason) as without_status,
        count(case when rag_reason = 'context' then 1 end) as context,
        count(case when rag_reason = 'no_target' then 1 end) as no_target,
        count(case when rag_reason = 'no_data' then 1 end) as no_data,
        count(case when rag_reason = 'suppressed' then 1 end) as suppressed,
        count(case when rag_reason = 'not_due' then 1 end) as not_due,
        count(case when direction = 'improving' then 1 end) as improving,
        count(case when direction = 'worsening' then 1 end) as worsening,
        count(case when direction = 'no_change' then 1 end) as no_change,
        count(
            case when direction not in ('improving', 'worsening', 'no_change') then 1 end
        ) as other_direction,
        count(case when is_late then 1 end) as late
    from placed
    group by plan_level, node_code
)

select
    nodes.plan_level,
    nodes.node_code,
    nodes.node_name,
    nodes.priority_code,
    nodes.priority,
    cast(nodes.position as bigint) as position,
    coalesce(counted.measures, 0) as measures,
    coalesce(counted.green, 0) as green,
    coalesce(counted.amber, 0) as amber,
    coalesce(counted.red, 0) as red,
    coalesce(counted.with_status, 0) as with_status,
    coalesce(counted.without_status, 0) as without_status,
    coalesce(counted.context, 0) as context,
    coalesce(counted.no_target, 0) as no_target,
    coalesce(counted.no_data, 0) as no_data,
    coalesce(counted.suppressed, 0) as suppressed,
    coalesce(counted.not_due, 0) as not_due,
    coalesce(counted.improving, 0) as improving,
    coalesce(counted.worsening, 0) as worsening,
    coalesce(counted.no_change, 0) as no_change,
    coalesce(counted.other_direction, 0) as other_direction,
    coalesce(counted.late, 0) as late
from nodes
left join counted
    on
        nodes.plan_level = counted.plan_level
        and nodes.node_code = counted.node_code
