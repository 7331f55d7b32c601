// Package lginformtest is a stand-in for LG Inform Plus, for tests. It answers from two real downloads, breaks as tests ask
// it to, and tells what it was asked. What of its answers is known and what is inferred, package standin says.
package lginformtest

import (
	"embed"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors/lginform/standin"
)

//go:embed testdata
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
type Record = standin.Record

// A Server is a stand-in. Its settings may be changed between requests.
type Server struct {
	*standin.Service
	URL string

	mu    sync.Mutex
	calls []string // path and query without who asks
	fail  func(n int, w http.ResponseWriter, r *http.Request) bool
	day   string // that the service's clock shows; the machine's where empty
}

// New starts a stand-in that ends with the test.
func New(t *testing.T) *Server {
	t.Helper()
	folder, err := fs.Sub(downloads, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	return NewOf(t, folder)
}

// NewOf starts a stand-in that answers from the catalogue and the downloads of a folder.
func NewOf(t *testing.T, folder fs.FS) *Server {
	t.Helper()
	service, err := standin.Open(folder, standin.Account{Token: Token, Key: Key, Secret: Secret})
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Service: service}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL + "/"
	s.Under(server.URL)
	return s
}

// Change changes each record of a metric type, an area and a period, on a day; an empty area or period is every one.
func (s *Server) Change(metricType, area, period, day string, change func(Record)) {
	s.Edit(func(records []Record) []Record {
		for _, r := range records {
			if r["metricTypeIdentifier"] == metricType && (area == "" || r["areaIdentifier"] == area) && (period == "" || r["periodIdentifier"] == period) {
				change(r)
			}
		}
		return records
	})
	s.Changed(metricType, day)
}

// Withdraw drops the values of a metric type, an area and a period, and tells nobody.
func (s *Server) Withdraw(metricType, area, period string) {
	s.Edit(func(records []Record) []Record {
		return slices.DeleteFunc(records, func(r Record) bool {
			return r["metricTypeIdentifier"] == metricType && r["areaIdentifier"] == area && r["periodIdentifier"] == period
		})
	})
}

// Follow gives a metric type a period after its last one, with the values of that.
func (s *Server) Follow(metricType, last, next string) {
	s.Edit(func(records []Record) []Record {
		for _, r := range slices.Clone(records) {
			if r["metricTypeIdentifier"] == metricType && r["periodIdentifier"] == last {
				copied := maps.Clone(r)
				copied["periodIdentifier"], copied["periodLabel"] = next, next
				records = append(records, copied)
			}
		}
		return records
	})
}

// Today sets the service's clock to a day, such as 2026-07-01.
func (s *Server) Today(day string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.day = day
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
	if noon, err := time.Parse(time.DateOnly, s.day); err == nil {
		w.Header().Set("Date", noon.Add(12*time.Hour).Format(http.TimeFormat))
	}
	s.Service.ServeHTTP(w, r)
}
