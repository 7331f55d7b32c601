-- One row per version of an observation: every value a source gave for it, and from when
-- to when it was what we, or the source's readers, knew. As known at a moment t:
-- recorded_from <= t and t < recorded_to. As published on a day d: published_from <= d
-- and d < published_to. Either filter leaves one row an observation at most. Of a
-- measure whose rows do not follow source rows one to one, only the present version is
-- held.
--
-- materialized: view(measure_key)
-- lookups: meta.stored_loads
-- grain: [measure_key, organisation_key, area_key, breakdown_key, period_key,
--   version_number]
-- columns:
--   measure_key: Measure; -1 unknown.
--   organisation_key: Organisation the value belongs to; -1 for countries, regions and
--     unknown ones.
--   area_key: Area the value is of; -1 unknown.
--   breakdown_key: Cut of the population; 0 all.
--   period_key: Period; -1 unknown.
--   version_number: Number of the version, from 1, in the order of editions.
--   value: The value, unrounded; null where its status says why there is none.
--   numerator: What was counted, where the measure has counts.
--   denominator: What it was counted out of.
--   value_status: ok, provisional or estimated with a value; missing, suppressed and
--     others without.
--   publication_status: provisional as the source says; revised where it differs from
--     the version before; else final.
--   is_restated: Whether value or status differ from the version before.
--   published_from: Day of the edition that brought the version.
--   published_to: Day of the edition that replaced it; 9999-12-31 while none has.
--   recorded_from: Moment we recorded the version.
--   recorded_to: Moment from which we knew a newer one; the end of 9999 while there is
--     none.
--   is_latest: Whether this is the version as now known.
--   _load_id: Load that brought the row.
--   _extract_id: File or page that the row stood in.
--   _row: Line of the file on which the record begins.

select
    measure_key,
    organisation_key,
    area_key,
    breakdown_key,
    period_key,
    version_number,
    value,
    numerator,
    denominator,
    value_status,
    publication_status,
    is_restated,
    published_from,
    published_to,
    recorded_from,
    recorded_to,
    is_latest,
    _load_id,
    _extract_id,
    _row
from core.fct_revisions
union all
-- Of the others the observation is the only version.
select
    observations.measure_key,
    observations.organisation_key,
    observations.area_key,
    observations.breakdown_key,
    observations.period_key,
    1 as version_number,
    observations.value,
    observations.numerator,
    observations.denominator,
    observations.value_status,
    case
        when observations.value_status = 'provisional' then 'provisional'
        else 'final'
    end as publication_status,
    false as is_restated,
    coalesce(observations.published_at, loads.recorded_date) as published_from,
    date '9999-12-31' as published_to,
    loads.recorded_at as recorded_from,
    timestamptz '9999-12-31 00:00:00+00' as recorded_to,
    true as is_latest,
    observations._load_id,
    observations._extract_id,
    observations._row
from core.fct_observations as observations
left join meta.stored_loads as loads
    on observations._load_id = loads.load_id
where not observations.has_revisions
