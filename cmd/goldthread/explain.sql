-- The rows behind one figure of a release: bound are the measure, the period by code or label, and the organisation, which
-- is the reporting council where it is null. A sub-area of the organisation follows its own area.
select
    measures.measure_code,
    measures.measure_name,
    periods.period_code,
    periods.period_label,
    organisations.organisation_code,
    organisations.organisation_name,
    areas.area_code,
    areas.area_name,
    breakdowns.breakdown_code,
    observations.value,
    observations.numerator,
    observations.denominator,
    observations.value_status,
    measures.unit,
    measures.decimals,
    measures.version as definition_version,
    cast(measures.valid_from as varchar) as definition_from,
    measures.description,
    measures.owner,
    observations._load_id as load_id,
    cast(loads.recorded_at as varchar) as recorded_at,
    cast(observations.published_at as varchar) as published_at,
    loads.source,
    loads.dataset,
    extracts.place as file,
    extracts.sha256,
    observations._row as line,
    observations._extract_id as extract_id
from core.fct_observations as observations
inner join core.dim_measures as measures
    on observations.measure_key = measures.measure_key
inner join core.dim_periods as periods
    on observations.period_key = periods.period_key
inner join core.dim_organisations as organisations
    on observations.organisation_key = organisations.organisation_key
inner join core.dim_areas as areas
    on observations.area_key = areas.area_key
inner join core.dim_breakdowns as breakdowns
    on observations.breakdown_key = breakdowns.breakdown_key
left join meta.stored_loads as loads
    on observations._load_id = loads.load_id
left join meta.stored_extracts as extracts
    on observations._extract_id = extracts.extract_id
where
    lower(measures.measure_code) = lower($1)
    and (lower(periods.period_code) = lower($2) or lower(periods.period_label) = lower($2))
    and case
        when $3 is null then organisations.is_reporting_council
        else organisations.organisation_code = $3
    end
order by
    breakdowns.breakdown_key,
    areas.area_code <> organisations.organisation_code,
    areas.area_code
