-- One row per authority and quarter end: ultra low emission vehicles among all vehicles licensed there.
select
    area_code,
    'all' as breakdown_code,
    period as period_code,
    value_ulev as numerator,
    value_all_vehicles as denominator,
    _load_id,
    _extract_id,
    _row
from themes.licensed_vehicles
