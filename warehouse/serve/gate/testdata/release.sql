create schema core;
create schema marts;
create schema meta;
create table core.dim_measures as
    select 1 as measure_key, 'WAS-01' as measure_code, 'Waste recycled' as measure_name;
create table core.fct_observations as
    select 1 as measure_key, date '2025-04-01' as period_date, 45.5 as value;
create table marts.scorecard as
    select
        1 as measure_key, 'WAS-01' as measure_code, 'Waste recycled' as measure_name, date '2025-04-01' as period_date,
        45.5 as value, 'red' as rag, false as is_late;
create view meta.reconciliation as
    select true as is_ok;
