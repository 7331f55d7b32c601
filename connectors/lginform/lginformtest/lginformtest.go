// Package lginformtest is a stand-in for LG Inform Plus, for tests. It answers from two real downloads and checks who asks
// as far as that is known.
//
// Known of the service, from its documentation or from several programs that use it: paths and parameters, the names of
// fields in a record of /data.table, the arrays named <thing>-array, both ways to sign in, the body of a 401, that a group
// of areas comes as one record a member, and that latest:N is bounded by what there is. Inferred here: that a page past the
// last is empty, that areas without a value are left out and not told, how a suppressed value looks in JSON, and all content
// types. Tests that lean on what is inferred say so.
package lginformtest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"embed"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

//go:embed testdata/*.csv
var downloads embed.FS

// Group is the comparison group of all areas of the downloads; Owner is the area that owns it.
const (
	Group = "AllBoroughInRegion_London"
	Owner = "E09000022"
)

// The key and the secret that the stand-in knows; the token signs in alone.
const (
	Token  = "canaryTOKENcanaryTOKENcanaryTOKENcanaryT"
	Key    = "canaryKEYcanaryKEYcanaryKEYcanaryKEYcana"
	Secret = "canarySECRETcanarySE"
)

// A Record is one of /data.table, by the names of its fields.
type Record map[string]any

// A Server is a stand-in. Its settings may be changed between requests.
type Server struct {
	URL string

	mu      sync.Mutex
	records []Record
	changed map[string]string // day by metric type
	calls   []string          // path and query without who asks
	fail    func(n int, w http.ResponseWriter, r *http.Request) bool
	base    string
	left    []string // areas that are no members any more
	day     string   // that the service's clock shows; the machine's where empty
}

// New starts a stand-in that ends with the test.
func New(t *testing.T) *Server {
	t.Helper()
	s := &Server{changed: map[string]string{}}
	for _, id := range []string{"1072", "3404"} {
		text, err := downloads.ReadFile("testdata/metric-" + id + ".csv")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.load(text); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL, s.base = server.URL+"/", server.URL
	return s
}

// load reads a download: six rows of headings, then one row an area.
func (s *Server) load(text []byte) error {
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return err
	}
	for _, row := range rows[6:] {
		for i := 3; i < len(row); i++ {
			number := strings.ReplaceAll(row[i], ",", "")
			s.records = append(s.records, Record{
				"metricTypeLabel": rows[0][i], "metricTypeIdentifier": rows[1][i], "metricTypeIsSummary": false,
				"valueTypeLabel": rows[2][i], "valueTypeIdentifier": rows[3][i], "valueTypeIsSummary": false,
				"periodLabel": rows[4][i], "periodIdentifier": rows[5][i], "periodIsSummary": false,
				"areaLabel": row[0], "areaLongLabel": row[1], "areaIdentifier": row[2], "areaIsSummary": false,
				"value": json.Number(number), "source": json.Number(number), "formatted": row[i], "format": "#,##0.00",
				"publicationStatus": "Published",
			})
		}
	}
	return nil
}

// Change changes each record of a metric type, an area and a period, on a day; an empty area or period is every one.
func (s *Server) Change(metricType, area, period, day string, change func(Record)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.records {
		if r["metricTypeIdentifier"] == metricType && (area == "" || r["areaIdentifier"] == area) && (period == "" || r["periodIdentifier"] == period) {
			change(r)
		}
	}
	s.changed[metricType] = day
}

// Withdraw drops the values of a metric type, an area and a period, and tells nobody.
func (s *Server) Withdraw(metricType, area, period string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = slices.DeleteFunc(s.records, func(r Record) bool {
		return r["metricTypeIdentifier"] == metricType && r["areaIdentifier"] == area && r["periodIdentifier"] == period
	})
}

// Follow gives a metric type a period after its last one, with the values of that.
func (s *Server) Follow(metricType, last, next string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var more []Record
	for _, r := range s.records {
		if r["metricTypeIdentifier"] == metricType && r["periodIdentifier"] == last {
			copied := maps.Clone(r)
			copied["periodIdentifier"], copied["periodLabel"] = next, next
			more = append(more, copied)
		}
	}
	s.records = append(s.records, more...)
}

// Today sets the service's clock to a day, such as 2026-07-01.
func (s *Server) Today(day string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.day = day
}

// Leave takes an area out of the group, though not its values.
func (s *Server) Leave(area string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = append(s.left, area)
}

// Fail lets a function answer in the place of the stand-in; n counts requests from 1. Where it gives false, the stand-in answers.
func (s *Server) Fail(fail func(n int, w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = fail
}

// Calls are the requests so far, without who asked, and forgets them.
func (s *Server) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked, _, _ := strings.Cut(r.URL.RequestURI(), "ApplicationKey=")
	s.calls = append(s.calls, strings.TrimRight(asked, "?&"))
	if s.fail != nil && s.fail(len(s.calls), w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if noon, err := time.Parse(time.DateOnly, s.day); err == nil {
		w.Header().Set("Date", noon.Add(12*time.Hour).Format(http.TimeFormat))
	}
	if !s.knows(r) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"errors":[{"message":"Not authorized...","errorCode":10}]}`)
		return
	}
	answer, found := s.answer(r.URL.Path, r.URL.Query())
	if !found {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// knows checks the token, or the key with its signature over the address as it was sent, escapes undone.
func (s *Server) knows(r *http.Request) bool {
	sent := s.base + r.URL.RequestURI()
	signed, signature, isSigned := strings.Cut(sent, "&Signature=")
	if !isSigned {
		return r.URL.Query().Get("ApplicationKey") == Token
	}
	text, err := url.QueryUnescape(signed)
	if err != nil || !strings.HasSuffix(text, "ApplicationKey="+Key) {
		return false
	}
	given, err := url.QueryUnescape(signature)
	mac := hmac.New(sha1.New, []byte(Secret))
	mac.Write([]byte(text))
	want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return err == nil && strings.ReplaceAll(given, " ", "+") == want
}

func (s *Server) answer(path string, query url.Values) (answer any, found bool) {
	thing, id, single := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch {
	case thing == "data.table":
		return s.data(query), true
	case thing == "metricTypes" && single:
		return s.metricType(id)
	case thing == "metricTypes":
		return s.changes(query), true
	case thing == "areaTypes":
		return Record{"areaType-array": []Record{
			{"identifier": "District", "label": "District", "longLabel": "Local authority district", "isGroup": false},
			{"identifier": "STLAC", "label": "Single tier or county", "isGroup": true},
		}}, true
	case thing == "comparisonGroups" && single:
		return s.members(id)
	case thing == "comparisonGroups":
		return Record{"comparisonGroup-array": []Record{{
			"identifier": Group, "label": "London boroughs", "isCustom": false,
			"type": Record{"identifier": "AllBoroughInRegion", "label": "All boroughs in a region"},
		}}}, query.Get("ownerArea") == Owner
	}
	return nil, false
}

func (s *Server) data(query url.Values) []Record {
	metricTypes, areas := strings.Split(query.Get("metricType"), ","), strings.Split(query.Get("area"), ",")
	periods := map[string][]any{}
	for _, id := range metricTypes {
		periods[id] = s.periods(id, query.Get("period"))
	}
	records := []Record{}
	for _, r := range s.records {
		id, area := r["metricTypeIdentifier"].(string), r["areaIdentifier"].(string)
		if (slices.Contains(areas, area) || slices.Contains(areas, Group)) && slices.Contains(periods[id], r["periodIdentifier"]) {
			records = append(records, r)
		}
	}
	return records
}

// periods resolves what is asked for into identifiers. The order of the downloads is that of time.
func (s *Server) periods(metricType, asked string) []any {
	var all, chosen []any
	for _, r := range s.records {
		if r["metricTypeIdentifier"] == metricType && !slices.Contains(all, r["periodIdentifier"]) {
			all = append(all, r["periodIdentifier"])
		}
	}
	for one := range strings.SplitSeq(asked, ",") {
		latest, count, _ := strings.Cut(one, ":")
		if latest != "latest" {
			chosen = append(chosen, one)
			continue
		}
		n := 1
		if given, err := strconv.Atoi(count); err == nil {
			n = given
		}
		chosen = append(chosen, all[max(0, len(all)-n):]...)
	}
	return chosen
}

func (s *Server) changes(query url.Values) any {
	list := []Record{}
	for id, day := range s.changed {
		if day >= query.Get("dataChangedSince") && query.Get("pageNumber") == "" {
			list = append(list, Record{"identifier": id, "label": "Metric type " + id})
		}
	}
	return Record{"metricType-array": list}
}

func (s *Server) metricType(id string) (any, bool) {
	polarity := map[string]string{"1072": "Low value is good", "3404": "Not applicable"}[id]
	return Record{"metricType": Record{
		"identifier": id, "label": "Metric type " + id, "shortLabel": "Type " + id, "definition": "", "helpText": "What is counted.",
		"uri": "http://id.esd.org.uk/metricType/" + id, "outputPrecision": 2, "polarity": polarity, "nullAsZero": false, "discontinued": false,
		"measure": Record{"identifier": "545_Count", "measurementUnit": Record{"identifier": "Quantity_People", "label": "People"}},
		"dataset": Record{"identifier": "545", "label": "Business demography", "periodType": Record{"identifier": "CalendarYear", "label": "Calendar year", "frequency": "Annually"}},
	}}, polarity != ""
}

func (s *Server) members(id string) (any, bool) {
	var members []Record
	for _, r := range s.records {
		if r["periodIdentifier"] == "cal_2020" && !slices.Contains(s.left, r["areaIdentifier"].(string)) {
			members = append(members, Record{"identifier": r["areaIdentifier"], "label": r["areaLabel"], "areaType": Record{"identifier": "District", "label": "District"}})
		}
	}
	return Record{"comparisonGroup": Record{"identifier": id, "label": "London boroughs", "members": members}}, id == Group
}
