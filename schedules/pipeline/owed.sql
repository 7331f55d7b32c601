-- What the last ended period of each reporting cycle wants and has not come: after the cut-off, and before it from the day of the
-- reminder.
select
    returns.cycle_name,
    returns.cycle_period_label,
    cast(returns.cut_off_date as varchar),
    returns.status = 'late',
    returns.measure_code,
    returns.measure_name,
    coalesce(returns.owner, ''),
    coalesce(returns.last_period_label, '')
from marts.cycle_returns as returns
inner join meta.run_date
    on returns.status = 'late' or returns.remind_date <= run_date.run_date
where returns.is_latest_period and returns.status in ('late', 'awaited')
order by
    returns.cut_off_date,
    returns.cycle_code,
    returns.measure_code
