-- A table or view by its quoted name; a synonym stands for what it names. What a view selects is told to accounts that may
-- see definitions, to others when it was last altered.
select
    convert(varchar(12), relation.object_id) as id,
    case
        when relation.type = 'V'
            then coalesce(sql_modules.definition, convert(varchar(23), relation.modify_date, 121))
    end as view_mark
from sys.objects as relation
left join sys.sql_modules as sql_modules
    on relation.object_id = sql_modules.object_id
where relation.object_id = coalesce(
    (
        select object_id(synonyms.base_object_name)
        from sys.synonyms as synonyms
        where synonyms.object_id = object_id(@p1)
    ),
    object_id(@p1)
)
