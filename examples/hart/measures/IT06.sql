-- One row per period of IT06. A 0 was not reported: a website that was never up would not be published green.
select
    council.organisation_code as area_code,
    unnest(['FY2013-14', 'FY2014-15-Q1', 'FY2014-15-Q2']) as period_code,
    unnest([nullif(last_year, 0), nullif(last_quarter, 0), nullif(this_quarter, 0)]) as value,
    kpis._load_id,
    kpis._extract_id,
    kpis._row
from scorecard.kpis
cross join handbook.council
where kpi = 'IT06'
