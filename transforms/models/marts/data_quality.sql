-- One row per dataset and per measure of the handbook, with what a reader should know of
-- it before trusting a figure. A dataset's row tells what became of the rows that were
-- read: read is stored, unchanged, quarantined and blank together. A measure's row tells
-- of its observations in all areas and periods: how many have no value and why, meet in
-- conflict, were restated or lie in an area that no list knows; and of its latest value:
-- peers, lateness, and whether it serves an outcome. Rows that were stored and later
-- removed at the source are counted in rows_deleted beside these.
--
-- materialized: table
-- grain: [subject_kind, subject_code]
-- columns:
--   subject_kind: dataset or measure.
--   subject_code: Source and dataset, or code of the measure.
--   subject_name: Description of the dataset, or name of the measure.
--   owner: Who answers for it.
--   loads: Loads of the dataset that changed something.
--   rows_read: Rows read in those loads.
--   rows_stored: Rows that were new or changed.
--   rows_unchanged: Rows that were as before.
--   rows_quarantined: Rows set aside because they broke the contract.
--   rows_blank: Rows without any text.
--   rows_deleted: Rows that vanished from the source.
--   observations: Observations of the measure.
--   with_value: Observations with a value.
--   missing: Observations without a value.
--   suppressed: Observations whose value is suppressed.
--   other_without_value: Observations without a value for another reason.
--   conflicts: Observations for which source rows disagree.
--   restated: Versions that differ from the one before.
--   unknown_areas: Observations of areas that no list knows.
--   peer_count: Peers with a value in the latest period.
--   peer_members: Members of the peer group.
--   peer_coverage_warning: Whether fewer than 60 % of the members have one.
--   data_as_at: Newest edition, else day of the newest load.
--   is_stale: Whether the last look at the dataset, or at one that the measure's values come
--     from, failed, so that its rows are those of before.
--   stale_since: Day since which those looks fail; null where the last one went well.
--   is_late: Whether the measure's next value is overdue.
--   is_orphan: Whether the measure is live and serves no outcome of the plan.
--   has_issue: Whether any of this wants a look, that is a row set aside, a conflict, an
--     unknown area, low peer coverage, a source that cannot be read, a late value or an
--     orphan.
-- tests:
--   - unique: [subject_kind, subject_code]
--   - not_null: [subject_kind, subject_code, has_issue]
--   - accepted_values: {column: subject_kind, values: [dataset, measure]}
--   - holds: rows_read = rows_stored + rows_unchanged + rows_quarantined + rows_blank
--   - holds: observations = with_value + missing + suppressed + other_without_value

with loaded as (
    select
        source,
        dataset,
        count(*) as loads,
        cast(sum(rows_read) as bigint) as rows_read,
        cast(sum(rows_stored) as bigint) as rows_stored,
        cast(sum(rows_unchanged) as bigint) as rows_unchanged,
        cast(sum(rows_quarantined) as bigint) as rows_quarantined,
        cast(sum(rows_blank) as bigint) as rows_blank,
        cast(sum(rows_deleted) as bigint) as rows_deleted,
        max(data_as_at) as data_as_at
    from meta.stored_loads
    group by source, dataset
),

observed as (
    select
        observations.measure_code,
        count(*) as observations,
        count(observations.value) as with_value,
        count(case when observations.value_status = 'missing' then 1 end) as missing,
        count(case when observations.value_status = 'suppressed' then 1 end)
            as suppressed,
        count(case when observations.is_conflict then 1 end) as conflicts,
        count(case when areas.area_type = 'other' then 1 end) as unknown_areas
    from intermediate.int_observations_placed as observations
    left join core.dim_areas as areas
        on observations.area_code = areas.area_code and areas.is_current
    group by observations.measure_code
),

restated as (
    select
        measure_code,
        count(*) as restated
    from intermediate.int_versions_numbered
    where is_restated
    group by measure_code
),

orphans as (
    select
        measure_code,
        min(case when is_orphan then 1 else 0 end) = 1 as is_orphan
    from core.bridge_golden_thread
    where link_kind = 'outcome'
    group by measure_code
),

subjects as (
    select
        'dataset' as subject_kind,
        datasets.source || '.' || datasets.dataset as subject_code,
        datasets.description as subject_name,
        datasets.owner,
        coalesce(loaded.loads, 0) as loads,
        coalesce(loaded.rows_read, 0) as rows_read,
        coalesce(loaded.rows_stored, 0) as rows_stored,
        coalesce(loaded.rows_unchanged, 0) as rows_unchanged,
        coalesce(loaded.rows_quarantined, 0) as rows_quarantined,
        coalesce(loaded.rows_blank, 0) as rows_blank,
        coalesce(loaded.rows_deleted, 0) as rows_deleted,
        null as observations,
        null as with_value,
        null as missing,
        null as suppressed,
        null as conflicts,
        null as restated,
        null as unknown_areas,
        null as peer_count,
        null as peer_members,
        null as peer_coverage_warning,
        loaded.data_as_at,
        coalesce(datasets.is_stale, false) as is_stale,
        datasets.stale_since,
        null as is_late,
        null as is_orphan
    from meta.datasets
    left join loaded
        on
            datasets.source = loaded.source
            and datasets.dataset = loaded.dataset
    union all
    select
        'measure' as subject_kind,
        measures.measure_code as subject_code,
        measures.name as subject_name,
        measures.owner,
        null as loads,
        null as rows_read,
        null as rows_stored,
        null as rows_unchanged,
        null as rows_quarantined,
        null as rows_blank,
        null as rows_deleted,
        coalesce(observed.observations, 0) as observations,
        coalesce(observed.with_value, 0) as with_value,
        coalesce(observed.missing, 0) as missing,
        coalesce(observed.suppressed, 0) as suppressed,
        coalesce(observed.conflicts, 0) as conflicts,
        coalesce(restated.restated, 0) as restated,
        coalesce(observed.unknown_areas, 0) as unknown_areas,
        scorecard.peer_count,
        scorecard.peer_members,
        scorecard.peer_coverage_warning,
        scorecard.data_as_at,
        scorecard.stale_since is not null as is_stale,
        scorecard.stale_since,
        scorecard.is_late,
        coalesce(orphans.is_orphan, false) as is_orphan
    from handbook.measures as measures
    left join observed
        on measures.measure_code = observed.measure_code
    left join restated
        on measures.measure_code = restated.measure_code
    left join orphans
        on measures.measure_code = orphans.measure_code
    left join marts.scorecard
        on measures.measure_code = scorecard.measure_code
)

select
    subject_kind,
    subject_code,
    subject_name,
    owner,
    loads,
    rows_read,
    rows_stored,
    rows_unchanged,
    rows_quarantined,
    rows_blank,
    rows_deleted,
    observations,
    with_value,
    missing,
    suppressed,
    observations - with_value - missing - suppressed as other_without_value,
    conflicts,
    restated,
    unknown_areas,
    peer_count,
    peer_members,
    peer_coverage_warning,
    data_as_at,
    is_stale,
    stale_since,
    is_late,
    is_orphan,
    coalesce(rows_quarantined > 0, false)
    or coalesce(conflicts > 0, false)
    or coalesce(unknown_areas > 0, false)
    or coalesce(peer_coverage_warning, false)
    or coalesce(is_stale, false)
    or coalesce(is_late, false)
    or coalesce(is_orphan, false) as has_issue
from subjects
