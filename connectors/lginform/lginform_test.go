package lginform

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/connectortest"
	"github.com/goldthread/goldthread/connectors/lginform/lginformtest"
)

func TestSignaturesAreThoseOfTheVectors(t *testing.T) {
	text, err := os.ReadFile("testdata/signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Key, Secret string
		Vectors     []struct {
			Name    string
			Request string `json:"request_before_signing"`
			Raw     string `json:"signed_url_raw"`
			Escaped string `json:"signed_url_escaped"`
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) != 5 {
		t.Errorf("%d vectors", len(file.Vectors))
	}
	for _, v := range file.Vectors {
		who := credentials{key: secretOf(t, file.Key), secret: secretOf(t, file.Secret), signs: true}
		escaped, err := who.sign(v.Request)
		if err != nil || escaped != v.Escaped {
			t.Errorf("%s, escaped: %v\n got %s\nwant %s", v.Name, err, escaped, v.Escaped)
		}
		who.raw = true
		if raw, err := who.sign(v.Request); err != nil || raw != v.Raw {
			t.Errorf("%s, raw: %v\n got %s\nwant %s", v.Name, err, raw, v.Raw)
		}
	}
}

func secretOf(t *testing.T, text string) connectors.Secret {
	t.Helper()
	secret, err := connectors.Deps{Getenv: func(string) string { return text }}.Secret(connectors.SecretPlace{Env: "any"})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// settings are those of a source over a stand-in.
const settings = `
source: lgi
kind: lginform
url: %s
allow_loopback: true
application_key_env: TOKEN
datasets:
  - name: figures
    reads: values
    metric_types: [1072, 3404]
    areas: [E09000022, AllBoroughInRegion_London]
    periods: latest:5
  - name: meanings
    reads: metric_types
    metric_types: [1072, 3404]
  - {name: kinds, reads: area_types}
  - {name: groups, reads: comparison_groups, owner_areas: [E09000022]}
  - {name: peers, reads: group_members, groups: AllBoroughInRegion_London}
  - {name: compared, reads: peer_groups, owner_areas: [E09000022], groups: AllBoroughInRegion_London}
  - {name: ours, reads: measures, metric_types: [1072], values: figures, peer_group: AllBoroughInRegion_London}
`

var environment = map[string]string{"TOKEN": lginformtest.Token, "KEY": lginformtest.Key, "SECRET": lginformtest.Secret}

func open(t *testing.T, text string) *Source {
	t.Helper()
	file, err := connectors.Kinds{"lginform": Default}.Decode("sources/lgi.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	source, err := file.Config.Open(connectors.Deps{
		Root: t.TempDir(), Archive: &connectors.Archive{Folder: t.TempDir()}, Zone: time.UTC,
		Getenv: func(name string) string { return environment[name] },
	})
	if err != nil {
		t.Fatal(err)
	}
	return source.(*Source)
}

func TestLGInformIsASource(t *testing.T) {
	whole := lginformtest.New(t)
	connectortest.Run(t, connectortest.Case{
		Open: func(t *testing.T) connectors.Source {
			return open(t, fmt.Sprintf(settings, whole.URL))
		},
		Broken: func(t *testing.T) connectors.Source {
			server := lginformtest.New(t)
			server.Fail(func(n int, w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, `[{"metricTypeIdentifier":"1072","areaIdentifier":"E09000022","periodIdentifier":"cal_2020","valueTypeIdentifier":"raw","value":1},{"metric`)
				return true
			})
			return open(t, fmt.Sprintf(settings, server.URL))
		},
		Bad: map[string]connectors.Config{
			"nothing":    &Config{},
			"plain http": &Config{Source: "lgi", URL: "http://webservices.esd.org.uk/", ApplicationKeyEnv: "KEY", Signature: "raw", MetricTypesPerCall: 1, Datasets: []Settings{{Contract: connectors.Contract{Name: "kinds"}, Reads: "area_types"}}},
		},
	})
}

// A run is what one reading gave.
type outcome struct {
	rows     []map[string]string
	rejects  []connectors.Reject
	extracts []connectors.Extract
	blank    int64
	cursor   connectors.Cursor
	whole    bool
	err      error
}

// read reads a dataset as the runner would keep it.
func (s *Source) readAll(t *testing.T, name string, since connectors.Cursor) outcome {
	t.Helper()
	i := slices.IndexFunc(s.topics, func(topic topic) bool { return topic.dataset.Name == name })
	out := outcome{cursor: since}
	for batch, err := range s.Read(t.Context(), s.topics[i].dataset, since) {
		if err != nil {
			out.err = err
			break
		}
		if batch.Discard {
			out.rows, out.rejects, out.extracts, out.blank = nil, nil, nil, 0
		}
		if batch.Extract != nil {
			out.extracts = append(out.extracts, *batch.Extract)
		}
		if batch.Cursor != nil {
			out.cursor = batch.Cursor
		}
		out.rejects = append(out.rejects, batch.Rejects...)
		out.blank += batch.Blank
		out.whole = out.whole || batch.Whole
		out.take(batch)
	}
	return out
}

func (o *outcome) take(batch connectors.Batch) {
	if batch.Rows == nil {
		return
	}
	defer batch.Rows.Release()
	for i := range int(batch.Rows.NumRows()) {
		row := map[string]string{}
		for c, field := range batch.Rows.Schema().Fields() {
			row[field.Name] = batch.Rows.Column(c).ValueStr(i)
		}
		o.rows = append(o.rows, row)
	}
}

func (o outcome) find(metricType, area, period string) map[string]string {
	for _, row := range o.rows {
		if row["metric_type"] == metricType && row["area"] == area && row["period"] == period {
			return row
		}
	}
	return nil
}

func TestValuesComeFromTheTableOfRecords(t *testing.T) {
	server := lginformtest.New(t)
	got := open(t, fmt.Sprintf(settings, server.URL)).readAll(t, "figures", nil)
	if got.err != nil || len(got.rows) != 2*32*5 || len(got.rejects) != 0 {
		t.Fatalf("%d rows, %v, %+v", len(got.rows), got.err, got.extracts)
	}
	row := got.find("1072", "E09000002", "CY2020")
	want := "Barking and Dagenham E09000002 cal_2020 raw Enterprises per 10,000 people false ok Published"
	if told := strings.Join([]string{row["area_label"], row["area_code"], row["period_id"], row["value_type"], row["unit"], row["is_summary"], row["value_status"], row["publication_status"]}, " "); told != want {
		t.Errorf("got  %s\nwant %s", told, want)
	}
	if calls := server.Calls(); len(calls) != 1 || !strings.Contains(calls[0], "metricType=1072%2C3404&area=E09000022%2CAllBoroughInRegion_London&period=latest%3A5") {
		t.Errorf("calls: %q", calls)
	}
	if e := got.extracts[0]; e.Place != server.URL+"data.table (metric types 1072, 3404)" || e.Size == 0 || e.SHA256 == "" {
		t.Errorf("extract %+v", e)
	}
}

func TestASignedCallIsTakenBothWays(t *testing.T) {
	for _, form := range []string{"raw", "escaped"} {
		server := lginformtest.New(t)
		signed := strings.Replace(settings, "application_key_env: TOKEN", "application_key_env: KEY\nsecret_env: SECRET\nsignature: "+form, 1)
		for _, dataset := range []string{"figures", "meanings", "groups"} {
			if got := open(t, fmt.Sprintf(signed, server.URL)).readAll(t, dataset, nil); len(got.rows) == 0 {
				t.Errorf("%s %s: %+v", form, dataset, got.extracts)
			}
		}
	}
}

func TestARestatedSeriesIsReadAgainWhole(t *testing.T) {
	server := lginformtest.New(t)
	source := open(t, fmt.Sprintf(settings, server.URL))
	first := source.readAll(t, "figures", nil)
	quiet := source.readAll(t, "figures", first.cursor)
	if len(quiet.rows) > 0 || len(quiet.extracts) != 1 || quiet.extracts[0].Outcome != connectors.Unchanged {
		t.Fatalf("without a change: %d rows, %+v", len(quiet.rows), quiet.extracts)
	}
	server.Calls()
	today := time.Now().UTC().Format(time.DateOnly)
	server.Change("1072", "E09000022", "cal_2018", today, func(r lginformtest.Record) { r["value"] = json.Number("61.5") })
	server.Change("9999", "", "", today, func(lginformtest.Record) {})
	again := source.readAll(t, "figures", first.cursor)
	if len(again.rows) != 32*5 || again.find("1072", "E09000022", "CY2018")["value"] != "61.5" {
		t.Fatalf("%d rows, %v", len(again.rows), again.find("1072", "E09000022", "CY2018"))
	}
	if calls := server.Calls(); !strings.Contains(calls[len(calls)-1], "metricType=1072&") {
		t.Errorf("calls: %q", calls)
	}
	// The list of changes knows days only, so the same day lists it again: its content is known.
	third := source.readAll(t, "figures", again.cursor)
	if len(third.rows) != 0 || third.extracts[len(third.extracts)-1].Outcome != connectors.SameHash {
		t.Errorf("%d rows, %+v", len(third.rows), third.extracts)
	}
}

func TestOtherSettingsAreReadFromTheBeginning(t *testing.T) {
	server := lginformtest.New(t)
	first := open(t, fmt.Sprintf(settings, server.URL)).readAll(t, "figures", nil)
	more := strings.Replace(settings, "latest:5", "[cal_2004, latest:6]", 1)
	if again := open(t, fmt.Sprintf(more, server.URL)).readAll(t, "figures", first.cursor); len(again.rows) != 32*(7+6) {
		t.Errorf("%d rows, %+v", len(again.rows), again.extracts)
	}
}

func TestNumberTextAndStatusAreKeptApart(t *testing.T) {
	set := func(pairs ...any) func(lginformtest.Record) {
		return func(r lginformtest.Record) {
			for i := 0; i < len(pairs); i += 2 {
				if r[pairs[i].(string)] = pairs[i+1]; pairs[i+1] == nil {
					delete(r, pairs[i].(string))
				}
			}
		}
	}
	for name, test := range map[string]struct {
		change func(lginformtest.Record)
		want   string // value and status, or the reason it is set aside
	}{
		"number as text":         {set("value", "1,234.5"), "1234.5 ok"},
		"number with exponent":   {set("value", json.Number("1.25e-7")), "1.25e-07 ok"},
		"all digits of a double": {set("value", json.Number("36.462112312312312")), "36.462112312312312 ok"},
		"null":                   {set("value", json.RawMessage("null"), "formatted", ""), "(null) missing"},
		"text null":              {set("value", "null", "formatted", ""), "(null) missing"},
		"absent":                 {set("value", nil, "formatted", nil), "(null) missing"},
		"suppressed as value":    {set("value", "Suppressed"), "(null) suppressed"},
		"suppressed where shown": {set("value", json.RawMessage("null"), "formatted", "Suppressed"), "(null) suppressed"},
		"suppressed by status":   {set("value", nil, "formatted", nil, "publicationStatus", "Suppressed"), "(null) suppressed"},
		"a mark nobody knows":    {set("value", "c"), `column "value": not a number, expected decimal(38,20): c`},
		"an unknown period":      {set("periodIdentifier", "tax_2009_10"), `column "period": not a period of the form lg_inform, which looks like fin_2024_25, cal_2024, sch_2024_25, fq_Q1_2024_25 or cen_2021: tax_2009_10`},
	} {
		server := lginformtest.New(t)
		text := strings.Replace(settings, "latest:5", "[cal_2018, tax_2009_10]", 1)
		server.Change("1072", "E09000022", "cal_2018", "", test.change)
		got := open(t, fmt.Sprintf(text, server.URL)).readAll(t, "figures", nil)
		told := ""
		if len(got.rejects) == 1 {
			told = got.rejects[0].Reason + ": " + got.rejects[0].Text
		} else if row := got.find("1072", "E09000022", "CY2018"); row != nil {
			told = row["value"] + " " + row["value_status"]
		}
		if told != test.want {
			t.Errorf("%s:\n got %s\nwant %s\n%+v", name, told, test.want, got.extracts)
		}
	}
}

func TestASummaryIsToldFromItsMembers(t *testing.T) {
	for name, change := range map[string]func(lginformtest.Record){
		"by its flag":             func(r lginformtest.Record) { r["areaIsSummary"] = true },
		"by its flag as text":     func(r lginformtest.Record) { r["areaIsSummary"] = "True" },
		"by the group's own name": func(r lginformtest.Record) { r["areaIdentifier"] = strings.ToUpper(lginformtest.Group) },
	} {
		server := lginformtest.New(t)
		server.Change("1072", "E09000033", "cal_2020", "", change)
		summaries := 0
		for _, row := range open(t, fmt.Sprintf(settings, server.URL)).readAll(t, "figures", nil).rows {
			if row["is_summary"] == "true" {
				summaries++
				if row["area_code"] != "(null)" {
					t.Errorf("%s: the summary is an area's: %v", name, row)
				}
			}
		}
		if summaries != 1 {
			t.Errorf("%s: %d summaries", name, summaries)
		}
	}
}

func TestManyAreasAndMetricTypesAreAskedForInSeveralCalls(t *testing.T) {
	server := lginformtest.New(t)
	var areas, types []string
	for i := range 300 {
		areas = append(areas, fmt.Sprintf("E09%06d", i+1))
	}
	for i := range 120 {
		types = append(types, fmt.Sprint(1000+i))
	}
	text := strings.Replace(settings, "[E09000022, AllBoroughInRegion_London]", "["+strings.Join(areas, ", ")+", AllBoroughInRegion_London]", 1)
	text = strings.Replace(text, "metric_types: [1072, 3404]", "metric_types: ["+strings.Join(types, ", ")+"]", 1)
	got := open(t, fmt.Sprintf(text, server.URL)).readAll(t, "figures", nil)
	calls := server.Calls()
	for _, call := range calls {
		if len(call) > longestAddress-room {
			t.Errorf("an address of %d characters", len(call))
		}
	}
	places := map[string]bool{}
	for _, e := range got.extracts {
		places[e.Place] = true
	}
	// The group is asked for in one of the calls and single areas in others; what comes twice counts once.
	if len(calls) < 6 || len(got.rows) != 32*5 || got.blank == 0 || len(places) != len(calls) {
		t.Errorf("%d calls, %d rows, %d twice, %d places, %v", len(calls), len(got.rows), got.blank, len(places), got.err)
	}
}

func TestTheCatalogueLands(t *testing.T) {
	source := open(t, fmt.Sprintf(settings, lginformtest.New(t).URL))
	meaning := source.readAll(t, "meanings", nil).rows[0]
	if told := fmt.Sprint(meaning["metric_type"], " ", meaning["polarity"], " ", meaning["direction"], " ", meaning["precision"], " ", meaning["unit"], " ", meaning["period_type"]); told != "1072 Low value is good lower 2 People CalendarYear" {
		t.Errorf("metric type: %s", told)
	}
	if groups := source.readAll(t, "groups", nil).rows; len(groups) != 1 || groups[0]["group_id"] != lginformtest.Group || groups[0]["owner_area"] != lginformtest.Owner {
		t.Errorf("groups: %v", groups)
	}
	if peers := source.readAll(t, "peers", nil).rows; len(peers) != 32 || peers[0]["area_code"] != "E09000002" {
		t.Errorf("%d members: %v", len(peers), peers)
	}
	if kinds := source.readAll(t, "kinds", nil).rows; len(kinds) != 2 || kinds[1]["is_group"] != "true" {
		t.Errorf("kinds of areas: %v", kinds)
	}
}

func TestFaultsOfTheSettingsAreToldAtOnce(t *testing.T) {
	const text = `source: lgi
kind: lginform
url: http://webservices.esd.org.uk/
signature: both
metric_types_per_call: 0
proxy: http://user:canary@proxy:8080
secret_env: A
secret_file: b
datasets:
  - name: figures
    reads: values
    mode: snapshot
    metric_types: [x1]
    areas: ["E09000022 and more"]
    groups: [Some]
    statuses: {c: gone}
  - {name: kinds, reads: area_type}
  - {name: a, reads: measures, metric_types: [1072], values: figure}
  - {name: b, reads: measures, metric_types: [1072, 1072]}
  - {name: c, reads: area_types, peer_group: Some}
`
	_, err := connectors.Kinds{"lginform": Default}.Decode("sources/lgi.yaml", []byte(text))
	if err == nil {
		t.Fatal("taken")
	}
	for _, want := range []string{
		"sources/lgi.yaml:3: the key would travel without TLS", `:4: unknown signature "both"`, ":5: metric_types_per_call is 0",
		":6: proxy is no address of a proxy", ":8: both secret_env and secret_file are given", "no key or token is named",
		":12: mode follows from what the dataset reads", `:13: "x1" cannot be asked for`, `:14: "E09000022 and more" cannot be asked for`,
		":15: groups has no meaning for a dataset that reads values", "periods is not given", `unknown status "gone"`,
		`:17: unknown reads "area_type"`, `did you mean "area_types"?`,
		`:18: no dataset "figure" of this source reads values`, `did you mean "figures"?`, ":19: values is not given",
		":19: metric type 1072 is made a measure twice", ":20: they have a meaning for measures alone",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing: %s", want)
		}
	}
	if t.Failed() || strings.Contains(err.Error(), "canary") {
		t.Log(err)
	}
}

func FuzzValues(f *testing.F) {
	f.Add(`[{"metricTypeIdentifier":"1072","value":3.51,"formatted":"3.51"}]`)
	f.Add(`[{"value":1e400,"areaIsSummary":"true"},{"value":null}] x`)
	f.Add(`{"errors":[{"message":"m","errorCode":10}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		width := len(valueColumns)
		err := values(topic{}, call{areas: []string{"G"}}, json.NewDecoder(strings.NewReader(text)), func(fields []string) error {
			if len(fields) != width {
				t.Fatalf("%d fields", len(fields))
			}
			return nil
		})
		if err == nil && !json.Valid([]byte(text)) {
			t.Errorf("%q was read whole and is not JSON", text)
		}
	})
}
