package lginform

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// A call is one request without who asks.
type call struct {
	path  string
	query [][2]string
	name  string // what of many it asks for, for people
	areas []string
	// edition is the day from which the answer has been the same, where rows are made of the answer's edition too.
	edition string
}

// longestAddress is what services and those between take without complaint.
const longestAddress = 2000

// room is left of an address for key and signature.
const room = 200

// address is what is asked, without who asks. The order of the query stays as it is: it is part of what is signed.
func (c call) address(base string) string {
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(base, "/") + "/" + c.path)
	for i, pair := range c.query {
		b.WriteByte("?&"[min(i, 1)])
		b.WriteString(pair[0] + "=" + strings.ReplaceAll(url.QueryEscape(pair[1]), "+", "%20"))
	}
	return b.String()
}

// place is a call as people know it.
func (c call) place(base string) string {
	place := call{path: c.path}.address(base)
	if c.name != "" && !strings.HasSuffix(c.path, c.name) {
		place += " (" + c.name + ")"
	}
	return place
}

// id tells a call from others in a cursor.
func (c call) id() string {
	sum := sha256.Sum256([]byte(c.address("")))
	return hex.EncodeToString(sum[:8])
}

// valueCalls asks for values of metric types in as few calls as addresses have room for.
func valueCalls(t topic, s *Source, metricTypes []string) []call {
	var calls []call
	for len(metricTypes) > 0 {
		n := min(len(metricTypes), s.config.MetricTypesPerCall)
		for n > 1 && len(valueCall(t, metricTypes[:n], t.Areas[:1]).address(s.config.URL)) > longestAddress-room {
			n--
		}
		calls = append(calls, areaCalls(t, s, metricTypes[:n])...)
		metricTypes = metricTypes[n:]
	}
	return calls
}

// areaCalls splits the areas where one address has no room for them all.
func areaCalls(t topic, s *Source, metricTypes []string) []call {
	var calls []call
	for areas := []string(t.Areas); len(areas) > 0; {
		n := len(areas)
		for n > 1 && len(valueCall(t, metricTypes, areas[:n]).address(s.config.URL)) > longestAddress-room {
			n--
		}
		calls = append(calls, valueCall(t, metricTypes, areas[:n]))
		areas = areas[n:]
	}
	if len(calls) > 1 {
		for i := range calls {
			calls[i].name += fmt.Sprintf(", areas %d of %d", i+1, len(calls))
		}
	}
	return calls
}

func valueCall(t topic, metricTypes, areas []string) call {
	valueType := t.ValueType
	if valueType == "" {
		valueType = "raw"
	}
	c := call{path: "data.table", areas: areas, name: "metric types " + shortList(metricTypes), query: [][2]string{
		{"value.valueType", valueType},
		{"metricType", strings.Join(metricTypes, ",")},
		{"area", strings.Join(areas, ",")},
		{"period", strings.Join(t.Periods, ",")},
		{"columnGrouping", "metricType"},
		{"rowGrouping", "area"},
	}}
	if t.IncludeMissing {
		c.query = append(c.query, [2]string{"includeMissing", "true"})
	}
	return c
}

func shortList(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s to %s, %d of them", names[0], names[len(names)-1], len(names))
}

// changedCall lists the metric types whose data or definition changed since a day.
func changedCall(since string, page int) call {
	c := call{path: "metricTypes", name: "changed since " + since, query: [][2]string{{"dataChangedSince", since}}}
	if page > 1 {
		c.query = append(c.query, [2]string{"pageNumber", strconv.Itoa(page)})
		c.name += ", page " + strconv.Itoa(page)
	}
	return c
}

// A cursor says what was asked for and what each call brought.
type cursor struct {
	Asked  string            `json:"asked"`            // a hash of what the settings ask for
	Since  string            `json:"since,omitempty"`  // day from which changes are asked for next time, by the service's clock
	Bodies map[string]string `json:"bodies,omitempty"` // hash of the last body, by call
	Whole  string            `json:"whole,omitempty"`  // day on which everything was read last
	// Periods are those that ever had a value, by metric type, in order.
	Periods map[string][]string `json:"periods,omitempty"`
	// Editions are the days from which bodies have been the same, by call.
	Editions map[string]string `json:"editions,omitempty"`
}

func readCursor(since []byte) (cursor, error) {
	c := cursor{}
	if len(since) == 0 {
		return c, nil
	}
	if err := json.Unmarshal(since, &c); err != nil {
		return c, fmt.Errorf("reading the cursor of the last load: %w", err)
	}
	return c, nil
}

func (c cursor) text() []byte {
	text, _ := json.Marshal(c) // texts cannot fail
	return text
}

// asked is a hash of all that makes a difference to what comes.
func (t topic) asked(c Config) string {
	text, _ := json.Marshal([]any{c.URL, t.Reads, t.MetricTypes, t.Areas, t.Periods, t.ValueType, t.IncludeMissing, t.Statuses, t.OwnerAreas, t.Groups, t.Values, t.PeerGroup})
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
