-- One row per area, larger area and vintage of the lookup: how much of the one lies in
-- the other. Keys are those of the newest versions.
--
-- materialized: table
-- grain: [area_code, larger_area_code, vintage]
-- columns:
--   area_key: Key of the area; -1 unknown.
--   larger_area_key: Key of the larger area; -1 unknown.
--   area_code: Code of the area.
--   larger_area_code: Code of the larger area.
--   vintage: Vintage of the lookup; empty where it has one only.
--   weight: Share of the area that lies in the larger one, 1 where all of it does.
-- tests:
--   - unique: [area_code, larger_area_code, vintage]
--   - not_null: [area_key, larger_area_key, weight]
--   - relationships: area_key -> core.dim_areas.area_key
--   - relationships: larger_area_key -> core.dim_areas.area_key
--   - holds: weight > 0 and weight <= 1

select
    coalesce(areas.area_key, -1) as area_key,
    coalesce(larger_areas.area_key, -1) as larger_area_key,
    area_lookup.area_code,
    area_lookup.larger_area_code,
    coalesce(area_lookup.vintage, '') as vintage,
    coalesce(area_lookup.weight, 1) as weight
from reference.area_lookup
left join core.dim_areas as areas
    on area_lookup.area_code = areas.area_code and areas.is_current
left join core.dim_areas as larger_areas
    on area_lookup.larger_area_code = larger_areas.area_code and larger_areas.is_current
