-- One row per cut of the population that observations are given for. Key 0 is all, key
-- -1 unknown.
--
-- materialized: table
-- grain: breakdown_key
-- columns:
--   breakdown_key: Key of the cut; 0 all, -1 unknown.
--   breakdown_code: Name and text of the cut; "all" for everyone.
--   breakdown_name: What the population is cut by.
--   breakdown_text: The part, in the source's words.
-- tests:
--   - unique: breakdown_key
--   - unique: breakdown_code
--   - not_null: [breakdown_key, breakdown_code]

with cuts as (
    select breakdown_code
    from intermediate.int_observations_placed
    union
    select breakdown_code
    from intermediate.int_versions_numbered
),

named as (
    select
        breakdown_code,
        split_part(breakdown_code, ':', 1) as breakdown_name,
        substr(breakdown_code, strpos(breakdown_code, ':') + 1) as breakdown_text
    from cuts
    where breakdown_code not in ('all', 'unknown')
)

select
    row_number() over (order by breakdown_code) as breakdown_key,
    breakdown_code,
    breakdown_name,
    breakdown_text
from named
union all
select
    0 as breakdown_key,
    'all' as breakdown_code,
    'all' as breakdown_name,
    'All' as breakdown_text
union all
select
    -1 as breakdown_key,
    'unknown' as breakdown_code,
    'unknown' as breakdown_name,
    'Unknown' as breakdown_text
