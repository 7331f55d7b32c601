-- One row per version of a measure's definition, with the days on which it is valid.
-- Entries of the handbook that follow each other with the same definition are one
-- version, described by the last of them. The first version is valid from the day its
-- entry names, else from 1900; a later one from the day its entry newly names, else from
-- the local day it was recorded; each until the next begins. A version that a later one
-- overtakes has no days. A measure that left the handbook is valid until that day and no
-- version of it is current.
--
-- materialized: table
-- grain: [measure_code, version]
-- columns:
--   measure_code: Code of the measure.
--   version: Number of the version, from 1.
--   version_number: The entry of handbook.measures_history that describes it.
--   valid_from: First day on which the version is valid.
--   valid_to: Day on which it is no longer valid; 9999-12-31 while it is.
--   is_current: Whether the handbook holds this version now.
--   break_in_series: Whether values before and after valid_from are not comparable.
-- tests:
--   - unique: [measure_code, version]
--   - not_null: [measure_code, version, valid_from, valid_to]
--   - holds: valid_from <= valid_to

with compared as (
    select
        history.measure_code,
        history.version_number,
        history.definition_hash,
        history.valid_from,
        history.recorded_from,
        history.recorded_to,
        lag(history.definition_hash) over (
            partition by history.measure_code
            order by history.version_number
        ) as definition_hash_before,
        lag(history.valid_from) over (
            partition by history.measure_code
            order by history.version_number
        ) as valid_from_before
    from handbook.measures_history as history
),

grouped as (
    select
        *,
        sum(
            case
                when
                    definition_hash_before is null
                    or definition_hash_before <> definition_hash
                    then 1
                else 0
            end
        ) over (
            partition by measure_code
            order by version_number
            rows between unbounded preceding and current row
        ) as version
    from compared
),

versions as (
    select
        grouped.measure_code,
        cast(grouped.version as bigint) as version,
        max(grouped.version_number) as version_number,
        max(
            case
                when
                    grouped.valid_from_before is null
                    or grouped.valid_from_before < grouped.valid_from
                    then grouped.valid_from
            end
        ) as named_from,
        min(local_date(grouped.recorded_from, council.time_zone)) as recorded_from_date,
        case
            when count(*) = count(grouped.recorded_to)
                then max(local_date(grouped.recorded_to, council.time_zone))
        end as recorded_to_date
    from grouped
    left join handbook.council
        on 1 = 1
    group by grouped.measure_code, grouped.version
),

begun as (
    select
        *,
        coalesce(
            named_from,
            case when version = 1 then date '1900-01-01' else recorded_from_date end
        ) as valid_from
    from versions
),

ended as (
    select
        *,
        coalesce(
            min(valid_from) over (
                partition by measure_code
                order by version
                rows between 1 following and unbounded following
            ),
            recorded_to_date,
            date '9999-12-31'
        ) as next_from,
        lead(version) over (partition by measure_code order by version) as next_version
    from begun
)

select
    ended.measure_code,
    ended.version,
    ended.version_number,
    ended.valid_from,
    case
        when ended.next_from < ended.valid_from then ended.valid_from
        else ended.next_from
    end as valid_to,
    ended.next_version is null and ended.recorded_to_date is null as is_current,
    coalesce(history.break_in_series, false) as break_in_series
from ended
inner join handbook.measures_history as history
    on
        ended.measure_code = history.measure_code
        and ended.version_number = history.version_number
