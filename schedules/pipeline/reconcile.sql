{{- /* Control totals from landing to core, made after each build. Names come quoted. */ -}}
-- Each dataset: what its loads counted, what stands in raw, what is present.
with counted as (
    select
        source,
        dataset,
        sum(rows_stored) as rows_stored,
        sum(rows_deleted) as rows_deleted,
        sum(rows_quarantined) as rows_quarantined,
        max_by(rows_current, load_id) as rows_current
    from meta.loads
    group by
        source,
        dataset
),

quarantined as (
    select
        loads.source,
        loads.dataset,
        sum(quarantine.row_count) as rows_quarantined
    from (
        select
            load_id,
            1 as row_count
        from meta.quarantine
        union all
        select
            load_id,
            row_count
        from meta.quarantine_removed -- past their time
    ) as quarantine
    inner join meta.loads as loads
        on quarantine.load_id = loads.load_id
    group by
        loads.source,
        loads.dataset
),

-- A row of raw is present unless another version of its key came later, or its removal did. Only keys that a later load
-- touched can have either. A removal by an older edition than the row's does not count.
standing as (
{{- range $i, $d := .Datasets}}
{{- if $i}}
    union all
{{- end}}
    (
        with touched as (
            select
                history._key_hash,
                history._load_id,
                history._is_deleted,
                loads.published_at,
                max(case when not history._is_deleted then loads.published_at end) over (
                    partition by history._key_hash
                    order by history._load_id
                    rows between unbounded preceding and 1 preceding
                ) as published_before
            from {{$d.Raw}} as history
            inner join meta.loads as loads
                on history._load_id = loads.load_id
            where
                history._key_hash in (
                    select _key_hash
                    from {{$d.Raw}}
                    where _load_id > (select min(_load_id) from {{$d.Raw}})
                )
        ),

        last_of_key as (
            select
                _key_hash,
                max_by(_is_deleted, _load_id) as is_deleted
            from touched
            where not _is_deleted or coalesce(published_at >= published_before, true)
            group by _key_hash
        )

        select
            {{$d.Source}} as source,
            {{$d.Dataset}} as dataset,
            (select count(*) from {{$d.Raw}} where not _is_deleted) as rows_stored,
            (select count(*) from {{$d.Raw}} where _is_deleted) as rows_deleted,
            (select count(*) from {{$d.Current}}) as rows_current,
            (select count(*) from {{$d.Raw}})
            - (select count(*) from touched)
            + (select count(*) from last_of_key where not is_deleted) as rows_expected
    )
{{- end}}
),

datasets as (
    select
        standing.source || '.' || standing.dataset as subject_code,
        unnest(['loads to raw', 'loads to raw', 'loads to quarantine', 'loads to current', 'raw to current']) as step,
        unnest(['rows', 'removals', 'rows', 'rows', 'rows']) as total,
        unnest([
            coalesce(counted.rows_stored, 0),
            coalesce(counted.rows_deleted, 0),
            coalesce(counted.rows_quarantined, 0),
            coalesce(counted.rows_current, 0),
            standing.rows_expected
        ]) as expected,
        unnest([
            standing.rows_stored,
            standing.rows_deleted,
            coalesce(quarantined.rows_quarantined, 0),
            standing.rows_current,
            standing.rows_current
        ]) as found
    from standing
    left join counted
        on standing.source = counted.source and standing.dataset = counted.dataset
    left join quarantined
        on standing.source = quarantined.source and standing.dataset = quarantined.dataset
),

-- Each measure: the source rows that it takes, its observations, its facts.
landed as (
{{.Landed}}
),

-- Where source rows meet in one observation, one of them counts, and the sums of all can only be compared as rows.
observed as (
    select
        measure_code,
{{- if .NoStar}}
        count(*) as row_count,
        0 as rows_met,
{{- else}}
        sum(source_rows) as row_count,
        sum(source_rows) - count(*) as rows_met,
{{- end}}
        coalesce(sum(value), 0) as value,
        coalesce(sum(numerator), 0) as numerator,
        coalesce(sum(denominator), 0) as denominator
    from {{if .NoStar}}intermediate.int_observations{{else}}intermediate.int_observations_placed{{end}}
    group by measure_code
),
{{if not .NoStar}}
facts_by_key as (
    select
        measure_key,
        count(*) as row_count,
        sum(value) as value,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from core.fct_observations
    group by measure_key
),

facts as (
    select
        coalesce(measures.measure_code, 'unknown') as measure_code,
        sum(facts_by_key.row_count) as row_count,
        coalesce(sum(facts_by_key.value), 0) as value,
        coalesce(sum(facts_by_key.numerator), 0) as numerator,
        coalesce(sum(facts_by_key.denominator), 0) as denominator
    from facts_by_key
    left join core.dim_measures as measures
        on facts_by_key.measure_key = measures.measure_key
    group by coalesce(measures.measure_code, 'unknown')
),
{{end}}
codes as (
    select measure_code from landed
    union
    select measure_code from observed
{{- if not .NoStar}}
    union
    select measure_code from facts
{{- end}}
),

landed_to_observations as (
    select
        codes.measure_code as subject_code,
        'landed to observations' as step,
        unnest(['rows', 'value', 'numerator', 'denominator']) as total,
        unnest([
            coalesce(landed.row_count, 0),
            case when coalesce(observed.rows_met, 0) = 0 then landed.value end,
            case when coalesce(observed.rows_met, 0) = 0 then landed.numerator end,
            case when coalesce(observed.rows_met, 0) = 0 then landed.denominator end
        ]) as expected,
        unnest([
            cast(coalesce(observed.row_count, 0) as decimal(38, 10)),
            coalesce(observed.value, 0),
            coalesce(observed.numerator, 0),
            coalesce(observed.denominator, 0)
        ]) as found,
        landed.note
    from codes
    left join landed
        on codes.measure_code = landed.measure_code
    left join observed
        on codes.measure_code = observed.measure_code
),
{{if not .NoStar}}
observations_to_facts as (
    select
        codes.measure_code as subject_code,
        'observations to facts' as step,
        unnest(['rows', 'value', 'numerator', 'denominator']) as total,
        unnest([
            cast(coalesce(observed.row_count - observed.rows_met, 0) as decimal(38, 10)),
            coalesce(observed.value, 0),
            coalesce(observed.numerator, 0),
            coalesce(observed.denominator, 0)
        ]) as expected,
        unnest([
            cast(coalesce(facts.row_count, 0) as decimal(38, 10)),
            coalesce(facts.value, 0),
            coalesce(facts.numerator, 0),
            coalesce(facts.denominator, 0)
        ]) as found,
        case
            when observed.rows_met > 0
                then concat(observed.rows_met, ' of ', observed.row_count, ' rows meet another in one observation')
        end as note
    from codes
    left join observed
        on codes.measure_code = observed.measure_code
    left join facts
        on codes.measure_code = facts.measure_code
),
{{end}}
all_totals as (
    select
        'dataset' as subject_kind,
        subject_code,
        step,
        total,
        cast(expected as decimal(38, 10)) as expected,
        cast(found as decimal(38, 10)) as found,
        null as note
    from datasets
    union all
    select
        'measure' as subject_kind,
        *
    from landed_to_observations
    where expected is not null
{{- if not .NoStar}}
    union all
    select
        'measure' as subject_kind,
        *
    from observations_to_facts
{{- else}}
    union all
    select
        'model' as subject_kind,
        {{.NoStar.Model}} as subject_code,
        'observations to facts' as step,
        'rows' as total,
        null as expected,
        null as found,
        {{.NoStar.Why}} as note
{{- end}}
)

select
    subject_kind,
    subject_code,
    step,
    total,
    expected,
    found,
    found - expected as difference,
    found = expected as is_ok,
    note
from all_totals
