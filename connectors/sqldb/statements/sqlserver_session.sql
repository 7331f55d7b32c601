-- How a session behaves. Of two sessions that wait for one another the server ends this one. Kept for the statements to come:
-- the row version below which nothing is under way any more, taken before the snapshot is, and the minutes by which the
-- clock of the columns is ahead of UTC.
set nocount on;
set deadlock_priority low;
set lock_timeout {lock_timeout};
set dateformat ymd;
declare @kept varbinary(10) = convert(binary(8), min_active_rowversion()) + convert(binary(2), convert(smallint, {offset}));
set context_info @kept;
