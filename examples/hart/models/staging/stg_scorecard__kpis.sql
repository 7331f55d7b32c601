-- One row per KPI of the published scorecard. A contextual KPI, published for information
-- only, has no target: 0 stands in the file.
--
-- materialized: view
-- grain: measure_code
-- columns:
--   measure_code: Code of the KPI.
--   position: Place in the scorecard.
--   period_code: The quarter that the scorecard reports.
--   published_target: Target; null for a contextual KPI.
--   published_status: green, amber, red or context.
-- tests:
--   - unique: measure_code
--   - not_null: [measure_code, published_status]

select
    kpi as measure_code,
    position,
    'FY2014-15-Q2' as period_code,
    case when status in ('lg', 'la', 'lr') then target end as published_target,
    case status
        when 'lg' then 'green'
        when 'la' then 'amber'
        when 'lr' then 'red'
        when 'lu' then 'context'
        when 'ld' then 'context'
    end as published_status
from current.scorecard__kpis
