-- Since when a dataset's looks fail.
alter table meta.datasets add column stale_since date;
comment on column meta.datasets.stale_since is 'Local date of the first of the looks that failed or were refused since the last good one; null where the last look went well.';
