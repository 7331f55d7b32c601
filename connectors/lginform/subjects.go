package lginform

import (
	"encoding/json"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// Columns as a contract writes them.
type (
	columns = strictyaml.Map[connectors.ColumnTerms]
	entry   = strictyaml.Entry[connectors.ColumnTerms]
)

// A subject is something the service can be asked for, with the columns it lands in.
type subject struct {
	description string
	mode        connectors.Mode
	key         []string
	takes       []string // the lists of the settings that it asks for
	columns     columns
	calls       func(t topic, s *Source, metricTypes []string) []call
	feeds       string // the relation of the council's folder that the rows belong to
	tracked     bool   // the service lists what changed of it
	dated       bool   // rows are made of the day an answer came first, too
	rows        func(t topic, c call, in *json.Decoder, row func(fields []string) error) error
}

var subjects = map[string]subject{
	"values": {
		description: "Values of LG Inform by metric type, area and period.",
		mode:        connectors.Increment,
		key:         []string{"metric_type", "area", "period_id", "value_type", "is_summary"},
		takes:       []string{"metric_types", "areas", "periods"},
		columns:     valueColumns,
		tracked:     true,
		calls:       valueCalls,
		rows:        values,
	},
	"metric_types": {
		description: "What LG Inform's metric types mean: definition, unit, which way is better, precision.",
		mode:        connectors.Snapshot,
		key:         []string{"metric_type"},
		takes:       []string{"metric_types"},
		columns:     metricColumns,
		calls:       metricTypeCalls,
		rows:        metricType,
	},
	"area_types": {
		description: "LG Inform's kinds of areas.",
		mode:        connectors.Snapshot,
		key:         []string{"area_type"},
		columns:     areaTypeColumns,
		calls:       func(topic, *Source, []string) []call { return []call{{path: "areaTypes"}} },
		rows:        areaTypes,
	},
	"comparison_groups": {
		description: "Comparison groups that areas own, such as a council's nearest neighbours.",
		mode:        connectors.Snapshot,
		key:         []string{"owner_area", "group_id"},
		takes:       []string{"owner_areas"},
		columns:     groupColumns,
		calls: func(t topic, _ *Source, _ []string) []call {
			return each(t.OwnerAreas, func(area string) call {
				return call{path: "comparisonGroups", name: area, query: [][2]string{{"ownerArea", area}}}
			})
		},
		rows: comparisonGroups,
	},
	"group_members": {
		description: "Members of comparison groups as they are now. A council is not always among its own neighbours.",
		mode:        connectors.Snapshot,
		key:         []string{"group_id", "area"},
		takes:       []string{"groups"},
		columns:     memberColumns,
		calls:       groupCalls,
		rows:        groupMembers,
	},
	"peer_groups": {
		description: "Councils that a council is compared with, by the comparison groups of LG Inform.",
		mode:        connectors.Snapshot,
		key:         []string{"group", "version", "owner_code", "peer_code"},
		takes:       []string{"owner_areas", "groups"},
		columns:     peerColumns,
		feeds:       "reference.peer_groups",
		dated:       true,
		calls:       groupCalls,
		rows:        peers,
	},
	readsMeasures: {
		description: "Measures that LG Inform defines: name, unit, which way is better, decimals.",
		mode:        connectors.Snapshot,
		key:         []string{"measure_code"},
		takes:       []string{"metric_types"},
		columns:     measureColumns,
		feeds:       "handbook.measures",
		calls:       metricTypeCalls,
		rows:        measure,
	},
}

func metricTypeCalls(_ topic, _ *Source, metricTypes []string) []call {
	return each(metricTypes, func(id string) call { return call{path: "metricTypes/" + id, name: id} })
}

func groupCalls(t topic, _ *Source, _ []string) []call {
	return each(t.Groups, func(id string) call { return call{path: "comparisonGroups/" + id, name: id} })
}

func each(names []string, of func(string) call) []call {
	calls := make([]call, len(names))
	for i, name := range names {
		calls[i] = of(name)
	}
	return calls
}

// Short forms of a column's terms.
func text(name, description string) entry {
	return entry{Key: name, Value: connectors.ColumnTerms{Type: "text", Description: description}}
}

func code(name, description string) entry {
	e := text(name, description)
	e.Value.Required = true
	return e
}

func typed(name, kind, description string) entry {
	e := text(name, description)
	e.Value.Type = kind
	return e
}

// number holds what the service's numbers may hold, which come with up to seventeen digits, most of them behind the point.
func number(name, description string) entry {
	e := typed(name, "decimal(38,20)", description)
	e.Value.Number = strictyaml.Texts{"thousands"}
	return e
}

// valued is a number that may be withheld, with the texts that are known to say so.
func valued(name, description string) entry {
	e := number(name, description)
	e.Value.Statuses = map[string]string{
		"Suppressed": "suppressed", "suppressed": "suppressed", "Missing": "missing", "missing": "missing", "": "missing",
	}
	return e
}

func period(name, description string) entry {
	e := typed(name, "period", description)
	e.Value.Form, e.Value.Required = strictyaml.Texts{"lg_inform"}, true
	return e
}

var valueColumns = columns{
	code("metric_type", "Identifier of the metric type, such as 3281."),
	text("metric_label", "Name of the metric type."),
	code("area", "Identifier of the area as the service has it: a GSS code, or a group's."),
	typed("area_code", "area_code", "GSS code of the area; empty where the row is no area's, such as the mean of a group."),
	text("area_label", "Name of the area."),
	period("period", "Period of the value."),
	code("period_id", "Identifier of the period as the service has it, such as fin_2024_25."),
	code("value_type", "What is given of each value: raw is the value itself."),
	text("unit", "Unit of the value, which the service tells as the label of its value type."),
	typed("is_summary", "boolean", "Whether the row sums up others, such as the mean of a group."),
	valued("value", "The value."),
	number("source_value", "The figure before it was made into the value type asked for."),
	text("formatted", "The value as the service shows it."),
	number("lower", "Lower bound of the confidence interval."),
	number("upper", "Upper bound of the confidence interval."),
	text("publication_status", "Published, or what else the service says."),
}

var metricColumns = columns{
	code("metric_type", "Identifier of the metric type."),
	text("label", "Name."),
	text("short_label", "Short name."),
	text("definition", "Definition, where the service has one."),
	text("help_text", "What is measured, in words."),
	text("polarity", "Which way is better, in the service's words."),
	text("direction", "Which way is better in ours: higher, lower or context; empty where the words are unknown."),
	typed("precision", "integer", "Decimals that are shown."),
	text("unit_id", "Identifier of the unit."),
	text("unit", "Name of the unit, such as GBP (000)."),
	text("dataset_id", "Identifier of the dataset that it is part of."),
	text("dataset_label", "Name of that dataset."),
	text("period_type", "Kind of period it has."),
	typed("null_as_zero", "boolean", "Whether a missing value counts as nought."),
	typed("discontinued", "boolean", "Whether it is no longer kept up."),
	text("uri", "Web address of the definition."),
}

var areaTypeColumns = columns{
	code("area_type", "Identifier of the kind of area."),
	text("label", "Name."),
	text("long_label", "Long name."),
	typed("is_group", "boolean", "Whether areas of the kind are groups of others."),
}

var groupColumns = columns{
	code("owner_area", "GSS code of the area that owns the group."),
	code("group_id", "Identifier of the group, as areas and groups take it."),
	text("label", "Name of the group."),
	text("type_id", "Identifier of the kind of group."),
	text("type_label", "Name of the kind of group."),
	typed("is_custom", "boolean", "Whether users made it."),
}

var memberColumns = columns{
	code("group_id", "Identifier of the group."),
	text("group_label", "Name of the group."),
	code("area", "Identifier of the member as the service has it."),
	typed("area_code", "area_code", "GSS code of the member; empty where it has none."),
	text("area_label", "Name of the member."),
	text("area_type", "Kind of area that the member is."),
}
