-- One row per period that an observation, one of its versions or a target uses, and the
-- longer periods it lies in, and the unknown period, key -1. A code that the list of
-- periods does not hold has a row without dates, so that no fact loses it.
--
-- materialized: table
-- grain: period_key
-- columns:
--   period_key: Key of the period; -1 unknown.
--   period_code: Canonical code, such as FY2024-25 or FY2025-26-Q2.
--   period_label: The period as people write it.
--   basis: calendar, financial, academic, rolling, point, census, mid_year or week.
--   period_type: year, half, quarter, month, week, day, rolling, pooled, cumulative,
--     census or mid_year.
--   start_date: First day.
--   end_date: Last day.
--   length_months: Length in months; 0 for a day or a week.
--   parent_code: Code of the next longer period of the same basis that it lies in.
--   parent_key: Key of that period; -1 where there is none.
--   sort_order: Place in time, by last day and then by first.
-- tests:
--   - unique: period_key
--   - unique: period_code
--   - not_null: [period_key, period_code, parent_key, sort_order]
--   - relationships: parent_key -> core.dim_periods.period_key
--   - holds: start_date <= end_date

with used as (
    select period_code
    from intermediate.int_observations_placed
    union
    select period_code
    from intermediate.int_versions_numbered
    union
    select period_code
    from intermediate.int_targets_applied
    union
    select period_to as period_code
    from handbook.targets
    union
    select effective_from_period as period_code
    from handbook.targets
),

parents as (
    select periods.parent_code as period_code
    from used
    inner join reference.periods as periods
        on used.period_code = periods.period_code
),

grandparents as (
    select periods.parent_code as period_code
    from parents
    inner join reference.periods as periods
        on parents.period_code = periods.period_code
),

great_grandparents as (
    select periods.parent_code as period_code
    from grandparents
    inner join reference.periods as periods
        on grandparents.period_code = periods.period_code
),

codes as (
    select period_code
    from used
    union
    select period_code
    from parents
    union
    select period_code
    from grandparents
    union
    select period_code
    from great_grandparents
),

numbered as (
    select
        row_number() over (order by codes.period_code) as period_key,
        codes.period_code,
        coalesce(periods.period_label, codes.period_code) as period_label,
        periods.basis,
        periods.period_type,
        periods.start_date,
        periods.end_date,
        periods.length_months,
        periods.parent_code,
        row_number() over (
            order by
                periods.end_date nulls first,
                periods.start_date nulls first,
                codes.period_code
        ) as sort_order
    from codes
    left join reference.periods as periods
        on codes.period_code = periods.period_code
    where codes.period_code is not null and codes.period_code <> 'unknown'
)

select
    numbered.period_key,
    numbered.period_code,
    numbered.period_label,
    numbered.basis,
    numbered.period_type,
    numbered.start_date,
    numbered.end_date,
    numbered.length_months,
    numbered.parent_code,
    coalesce(parent.period_key, -1) as parent_key,
    numbered.sort_order
from numbered
left join numbered as parent
    on numbered.parent_code = parent.period_code
union all
select
    -1 as period_key,
    'unknown' as period_code,
    'Unknown' as period_label,
    null as basis,
    null as period_type,
    null as start_date,
    null as end_date,
    null as length_months,
    null as parent_code,
    -1 as parent_key,
    0 as sort_order
