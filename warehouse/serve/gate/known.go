package gate

import "strings"

// parts are the names that objects of the engine's tree have. Another one would be of a newer engine, and something that
// nobody has judged.
var parts = setOf(strings.Fields(`
	aggregate_handling aggregates alias aliases arg_orders at_clause case_checks cast_type catalog catalog_name child
	child_type child_types children class collation column column_name_alias column_names columns comparison_type condition
	cte_map cte_name default_expr delim_flipped distinct distinct_on_targets duplicate_eliminated_columns else_expr end
	end_expr entries exclude_clause exclude_list expected_names expected_types export_state expr expression extension_info
	filter filter_expr first from_table function function_name group_expressions group_sets groups having id identifier
	ignore_nulls include_nulls index input is_null is_operator is_percentage join_type key key_targets left lhs limit lower
	map materialized method modifiers name named_param_map node null_order offset offset_expr order_bys orders partitions
	pivot_enum pivot_expressions pivots qualified_exclude_list qualify query query_location ref_type relation_name
	rename_list replace_list right sample sample_size scale schema schema_name second seed select_list setop_all setop_type
	size source star_expr start start_expr subquery subquery_type table table_name then_expr try_cast type type_info
	union_all unit unpivot_names upper user_type_modifiers using_columns value values when_expr where_clause width
	with_ordinality`))

// expressions are the classes of what has a value.
var expressions = setOf(strings.Fields(`
	BETWEEN CASE CAST COLLATE COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION LAMBDA OPERATOR PARAMETER
	POSITIONAL_REFERENCE STAR SUBQUERY WINDOW`))

// kinds are the queries, what they read from, and how they order and cut the answer.
var kinds = setOf(strings.Fields(`
	SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE
	BASE_TABLE EMPTY EXPRESSION_LIST JOIN PIVOT SUBQUERY TABLE_FUNCTION
	LIMIT_MODIFIER LIMIT_PERCENT_MODIFIER ORDER_MODIFIER DISTINCT_MODIFIER
	ORDER_DEFAULT ASCENDING DESCENDING`))
