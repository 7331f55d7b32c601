-- The columns of a table's primary key, in their order.
select all_cons_columns.column_name
from all_constraints
inner join all_cons_columns
    on all_constraints.owner = all_cons_columns.owner
    and all_constraints.constraint_name = all_cons_columns.constraint_name
where
    all_constraints.owner = :1
    and all_constraints.table_name = :2
    and all_constraints.constraint_type = 'P'
order by all_cons_columns.position
