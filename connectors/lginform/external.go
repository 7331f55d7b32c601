package lginform

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/measures"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// readsMeasures is the subject of datasets that make metric types measures of the council.
const readsMeasures = "measures"

// checkMeasures adds the faults of datasets that make measures.
func (c *Config) checkMeasures(i *connectors.Inspector) {
	made := map[string]bool{}
	for n, s := range c.Datasets {
		place := fmt.Sprintf("datasets[%d]", n)
		if s.Reads != readsMeasures {
			if s.Values != "" || s.PeerGroup != "" {
				i.Fault(place+".reads", "leave out values and peer_group", "they have a meaning for measures alone")
			}
			continue
		}
		c.checkValues(i, place, s)
		for m, id := range s.MetricTypes {
			if made[id] {
				i.Fault(fmt.Sprintf("%s.metric_types[%d]", place, m), "leave out one of the two", "metric type %s is made a measure twice", id)
			}
			made[id] = true
		}
	}
}

// checkValues looks for the dataset that holds the values of measures, whole.
func (c *Config) checkValues(i *connectors.Inspector, place string, s Settings) {
	var names []string
	for _, one := range c.Datasets {
		if one.Reads != "values" {
			continue
		}
		names = append(names, one.Name)
		if one.Name != s.Values {
			continue
		}
		for m, id := range s.MetricTypes {
			if !slices.Contains(one.MetricTypes, id) {
				i.Fault(fmt.Sprintf("%s.metric_types[%d]", place, m), "add it to the metric_types of "+one.Name, "%s reads no values of metric type %s", one.Name, id)
			}
		}
		return
	}
	if s.Values == "" {
		i.Fault(place+".values", "add values: the name of a dataset of this source that reads values", "values is not given")
		return
	}
	i.Fault(place+".values", fault.DidYouMean(s.Values, "datasets that read values", names), "no dataset %q of this source reads values", s.Values)
}

// Measures are the metric types that the settings make measures of the council.
func (s *Source) Measures() []*measures.Measure {
	var all []*measures.Measure
	for _, t := range s.topics {
		if t.Reads != readsMeasures {
			continue
		}
		for _, id := range t.MetricTypes {
			all = append(all, t.measure(id))
		}
	}
	return all
}

// measure says where the values of a metric type stand.
func (t topic) measure(id string) *measures.Measure {
	source := t.dataset.Source
	where := func(column, text string) strictyaml.Entry[strictyaml.Texts] {
		return strictyaml.Entry[strictyaml.Texts]{Key: column, Value: strictyaml.Texts{text}}
	}
	return measures.Of(source+"-"+id, "sources/"+source+".yaml", measures.From{
		Dataset: source + "." + t.Values,
		Where:   strictyaml.Map[strictyaml.Texts]{where("metric_type", id), where("value_type", "raw"), where("is_summary", "false")},
		Area:    strictyaml.TextOr[measures.Area]{Text: "area_code"},
		Period:  "period",
		Value:   "value",
	})
}

// The service's words for how often values come and which year they follow, in the handbook's. What is not here is left open.
var (
	frequencies = map[string]string{
		"daily": "daily", "weekly": "weekly", "monthly": "monthly", "quarterly": "quarterly", "sixmonths": "half-yearly",
		"annually": "annual", "everydecade": "every decade",
	}
	bases = map[string]string{
		"CalendarYear": "calendar", "CalendarQuarter": "calendar", "FinancialYear": "financial", "FinancialQuarter": "financial",
		"AcademicYear": "academic", "CensusYear": "census",
	}
)

func measure(t topic, _ call, in *json.Decoder, row func(fields []string) error) error {
	read, err := readMetric(in)
	if err != nil {
		return err
	}
	m := t.measure(string(read.Identifier))
	m.Name, m.ShortName, m.Description = string(read.Label), string(read.ShortLabel), string(read.HelpText)
	if read.Definition != "" {
		m.Description = string(read.Definition)
	}
	m.Unit, m.Polarity = string(read.Measure.Unit.Label), directions[strings.ToLower(string(read.Polarity))]
	m.Frequency, m.PeriodBasis = frequencies[strings.ToLower(string(read.Dataset.PeriodType.Frequency))], bases[string(read.Dataset.PeriodType.Identifier)]
	m.NullAsZero = strings.EqualFold(string(read.NullAsZero), "true")
	return row([]string{
		m.Code, m.Name, m.ShortName, m.Description, m.Unit, string(read.Precision), m.Polarity, strconv.FormatInt(m.Multiplier, 10),
		m.Frequency, m.PeriodBasis, strconv.FormatBool(m.NullAsZero), t.PeerGroup, m.RAGScheme, m.RAGCompare, m.ToleranceKind, m.ToleranceValue,
		m.DOTMinChange, "LG Inform Plus, metric type " + string(read.Identifier), m.Publication, m.Status, m.DefinitionHash(), m.DefinitionText(), m.File,
	})
}

// The columns are those of handbook.measures that the service, or the program's usual way, has something to say of.
var measureColumns = columns{
	code("measure_code", "Code of the measure: the source's name and the metric type, such as lgi-3281."),
	code("name", "Full name."),
	text("short_name", "Name for tables and charts."),
	text("description", "What is counted or measured."),
	text("unit", "Unit of the value."),
	typed("decimals", "integer", "Decimals shown; values are held unrounded."),
	text("polarity", "Which way is better: higher, lower or context; empty where the service's words are unknown."),
	typed("multiplier", "integer", "1: the service gives finished values."),
	text("frequency", "How often a value comes; empty where the service's word is unknown."),
	text("period_basis", "Kind of period; empty where it is none of the usual ones."),
	typed("null_as_zero", "boolean", "Whether a missing value means nought."),
	text("peer_group", "Group of councils it is compared with."),
	text("rag_scheme", "How a value would be judged by a target."),
	text("rag_compare", "Whether values are judged unrounded or as displayed."),
	text("tolerance_kind", "Whether the width of amber is relative to the target, absolute or none."),
	number("tolerance_value", "Width of amber."),
	number("dot_min_change", "Change up to which the direction of travel is no change."),
	text("source_note", "Where the data comes from, in words."),
	text("publication", "internal, restricted or public."),
	text("status", "live."),
	code("definition_hash", "Changes with what the figures are made of, and with nothing else."),
	code("definition_text", "What the figures are made of."),
	code("file", "File that asks for the measure."),
}

// peers gives the members of a group for each council that compares itself with it. A council is no peer of its own.
func peers(t topic, c call, in *json.Decoder, row func(fields []string) error) error {
	asked, err := readGroup(in)
	if err != nil {
		return err
	}
	for _, owner := range t.OwnerAreas {
		for _, m := range asked.Members {
			peer := string(m.Identifier)
			if peer == owner {
				continue
			}
			if err := row([]string{c.name, c.edition, owner, peer, string(m.Label)}); err != nil {
				return err
			}
		}
	}
	return nil
}

var peerColumns = columns{
	code("group", "Identifier of the group, as measures name it under peer_group."),
	code("version", "Day from which the group has had these members."),
	code("owner_code", "GSS code of the council that compares itself."),
	peer("peer_code", "GSS code of the council it is compared with."),
	text("peer_label", "Name of that council."),
}

func peer(name, description string) entry {
	e := typed(name, "area_code", description)
	e.Value.Required = true
	return e
}
