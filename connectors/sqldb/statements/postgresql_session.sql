-- Begins a session that may only read and sees one snapshot: time zone, lock and statement time-outs in milliseconds.
-- Rows are read as they lie, by one worker, so that reading twice gives one order and the source keeps its other processors.
set application_name = 'goldthread';
set datestyle = 'ISO';
set intervalstyle = 'iso_8601';
set bytea_output = 'hex';
set extra_float_digits = 1;
set synchronize_seqscans = off;
set max_parallel_workers_per_gather = 0;
set timezone = '%s';
set lock_timeout = %d;
set statement_timeout = %d;
begin isolation level repeatable read read only
