-- Rows that are no longer present: replaced, or of an edition older than the present one, and tombstones.
create schema history;
