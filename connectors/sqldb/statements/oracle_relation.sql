-- A table or view by its owner, who is the session's own where none is given, and its name. A synonym stands for what it
-- names. The mark of a view is when it was last made, which recompiling and granting leave alone.
with asked as (
    select
        nvl(:1, sys_context('USERENV', 'CURRENT_SCHEMA')) as owner,
        case when :2 is null then 'PUBLIC' end as beside,
        :3 as name
    from dual
),

meant as (
    select 1 as place, asked.owner, asked.name from asked
    union all
    select
        case when all_synonyms.owner = 'PUBLIC' then 3 else 2 end as place,
        all_synonyms.table_owner as owner,
        all_synonyms.table_name as name
    from all_synonyms
    inner join asked
        on all_synonyms.synonym_name = asked.name and all_synonyms.owner in (asked.owner, asked.beside)
    where all_synonyms.db_link is null
),

found as (
    select
        meant.owner,
        meant.name,
        case when all_objects.object_type = 'TABLE' then null else all_objects.timestamp end as view_mark,
        row_number() over (order by meant.place, all_objects.object_type) as place
    from meant
    inner join all_objects
        on meant.owner = all_objects.owner and meant.name = all_objects.object_name
    where all_objects.object_type in ('TABLE', 'VIEW', 'MATERIALIZED VIEW')
)

select
    owner,
    name,
    view_mark
from found
where place = 1
