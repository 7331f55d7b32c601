-- The relations that models read and no model makes: the handbook, the reference tables,
-- what meta tells of loads, and the observations written from each measure. Worked cases
-- begin with these, empty.

-- The council whose folder this is; one row.
create table handbook.council (
    name text,
    organisation_code text,
    time_zone text
);

-- The measure handbook as it stands; one row a measure.
create table handbook.measures (
    measure_code text,
    name text,
    short_name text,
    description text,
    rationale text,
    unit text,
    decimals integer,
    polarity text,
    band_low decimal(38, 10),
    band_high decimal(38, 10),
    value_type text,
    multiplier bigint,
    measure_kind text,
    influence text,
    compliance boolean,
    statutory_return text,
    frequency text,
    period_basis text,
    reporting_lag_days integer,
    accumulation text,
    time_aggregation text,
    geo_aggregation text,
    null_as_zero boolean,
    peer_group text,
    rag_scheme text,
    rag_compare text,
    tolerance_kind text,
    tolerance_value decimal(38, 10),
    dot_min_change decimal(38, 10),
    owner text,
    data_owner text,
    submitter text,
    portfolio_holder text,
    directorate text,
    source_note text,
    licence text,
    calculation_method text,
    data_quality text,
    data_quality_note text,
    publication text,
    status text,
    review_date date,
    valid_from date,
    break_in_series boolean,
    break_note text,
    change_reason text,
    approved_by text,
    approved_at date,
    definition_hash text,
    definition_text text,
    file text,
    line integer,
    _load_id bigint,
    _extract_id bigint,
    _row bigint
);

-- The same, one row each time an entry changed.
create table handbook.measures_history (
    measure_code text,
    name text,
    short_name text,
    description text,
    rationale text,
    unit text,
    decimals integer,
    polarity text,
    band_low decimal(38, 10),
    band_high decimal(38, 10),
    value_type text,
    multiplier bigint,
    measure_kind text,
    influence text,
    compliance boolean,
    statutory_return text,
    frequency text,
    period_basis text,
    reporting_lag_days integer,
    accumulation text,
    time_aggregation text,
    geo_aggregation text,
    null_as_zero boolean,
    peer_group text,
    rag_scheme text,
    rag_compare text,
    tolerance_kind text,
    tolerance_value decimal(38, 10),
    dot_min_change decimal(38, 10),
    owner text,
    data_owner text,
    submitter text,
    portfolio_holder text,
    directorate text,
    source_note text,
    licence text,
    calculation_method text,
    data_quality text,
    data_quality_note text,
    publication text,
    status text,
    review_date date,
    valid_from date,
    break_in_series boolean,
    break_note text,
    change_reason text,
    approved_by text,
    approved_at date,
    definition_hash text,
    definition_text text,
    file text,
    line integer,
    _load_id bigint,
    _extract_id bigint,
    _row bigint,
    recorded_from timestamptz,
    recorded_to timestamptz,
    version_number integer
);

-- What a measure serves: outcome, theme, directorate, report_set.
create table handbook.measure_links (
    measure_code text,
    link_kind text,
    link_code text,
    from_period text,
    to_period text
);

-- The plan: priorities, outcomes, report sets, themes.
create table handbook.plan_nodes (
    node_code text,
    node_name text,
    node_level text,
    parent_code text,
    position integer,
    description text
);

-- Targets as they stand, every version of them.
create table handbook.targets (
    measure_code text,
    organisation_code text,
    period_from text,
    period_to text,
    effective_from_period text,
    target_value decimal(38, 10),
    band_low decimal(38, 10),
    band_high decimal(38, 10),
    kind text,
    tolerance_kind text,
    tolerance_value decimal(38, 10),
    rag_scheme text,
    status text,
    version integer,
    proposed_by text,
    approved_by text,
    approved_at date,
    approval_body text,
    reason text,
    note text,
    file text,
    note_file text
);

-- The periods of the reporting cycles; one row a cycle and period.
create table handbook.reporting_cycles (
    cycle_code text,
    cycle_name text,
    description text,
    frequency text,
    period_code text,
    period_label text,
    start_date date,
    end_date date,
    cut_off_date date,
    sign_off_date date,
    publish_date date,
    remind_date date,
    release_name text,
    focus text,
    is_of_all boolean
);

-- What of the plan each of those periods reports.
create table handbook.reporting_cycle_sets (
    cycle_code text,
    period_code text,
    link_kind text,
    link_code text
);

-- Councils and other bodies, those gone included.
create table reference.authorities (
    organisation_code text,
    name text,
    official_name text,
    organisation_type text,
    tier text,
    region_name text,
    nation text,
    start_date date,
    end_date date,
    replaced_by text
);

-- Wards, stations and other areas that are no councils, by vintage.
create table reference.areas (
    area_code text,
    area_name text,
    area_type text,
    vintage text,
    valid_from date,
    valid_to date
);

-- Which larger area an area lies in.
create table reference.area_lookup (
    area_code text,
    larger_area_code text,
    weight decimal(18, 10),
    vintage text
);

-- Whom a council is compared with.
create table reference.peer_groups (
    "group" text,
    version text,
    owner_code text,
    peer_code text,
    position integer
);

-- Bank holidays and closures.
create table reference.calendars (
    calendar text,
    date date,
    name text
);

-- Every period that landed or a measure made, with those it lies in.
create table reference.periods (
    period_code text,
    period_label text,
    basis text,
    period_type text,
    start_date date,
    end_date date,
    length_months integer,
    parent_code text
);

-- The local date of the run; one row.
create table meta.run_date (
    run_date date
);

-- Loads that stored, removed or quarantined a row.
create table meta.stored_loads (
    load_id bigint,
    source text,
    dataset text,
    recorded_at timestamptz,
    recorded_date date,
    published_at date,
    data_as_at date,
    rows_read bigint,
    rows_stored bigint,
    rows_unchanged bigint,
    rows_deleted bigint,
    rows_quarantined bigint,
    rows_blank bigint
);

-- The files and pages of those loads.
create table meta.stored_extracts (
    extract_id bigint,
    load_id bigint,
    place text,
    sha256 text,
    size_bytes bigint,
    published_at date
);

-- Rows set aside, without their text.
create table meta.quarantined_rows (
    load_id bigint,
    extract_id bigint,
    source text,
    dataset text,
    place text,
    row_number bigint,
    column_name text,
    reason text
);

-- The datasets of the council's folder.
create table meta.datasets (
    source text,
    dataset text,
    description text,
    owner text,
    refresh text,
    mode text,
    is_stale boolean,
    stale_since date
);

-- The observations that measures make of the rows as they stand.
create table intermediate.int_observations (
    measure_code text,
    organisation_code text,
    area_code text,
    breakdown_code text,
    breakdown_name text,
    breakdown_text text,
    period_code text,
    value decimal(38, 10),
    numerator decimal(38, 10),
    denominator decimal(38, 10),
    value_status text,
    published_at date,
    _load_id bigint,
    _extract_id bigint,
    _row bigint,
    is_only_row boolean
);

-- The same of every version of every row, removals included.
create table intermediate.int_observation_versions (
    measure_code text,
    organisation_code text,
    area_code text,
    breakdown_code text,
    breakdown_name text,
    breakdown_text text,
    period_code text,
    value decimal(38, 10),
    numerator decimal(38, 10),
    denominator decimal(38, 10),
    value_status text,
    published_at date,
    _load_id bigint,
    _extract_id bigint,
    _row bigint,
    recorded_at timestamptz,
    is_deleted boolean,
    is_replaced boolean
);
