-- The columns of a table or view, in their order. A number without precision and scale holds any number.
select
    column_name,
    case
        when data_type = 'NUMBER' and data_precision is null and data_scale is null
            then 'NUMBER'
        when data_type = 'NUMBER'
            then 'NUMBER(' || nvl(data_precision, 38) || ',' || nvl(data_scale, 0) || ')'
        when data_type in ('VARCHAR2', 'CHAR', 'NVARCHAR2', 'NCHAR')
            then data_type || '(' || char_length || ')'
        when data_type = 'RAW'
            then 'RAW(' || data_length || ')'
        when data_type = 'FLOAT'
            then 'FLOAT(' || data_precision || ')'
        else data_type
    end as type,
    nullable
from all_tab_columns
where
    owner = :1
    and table_name = :2
order by column_id
