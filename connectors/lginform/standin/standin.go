// Package standin stands in for LG Inform Plus where there is no key to the real one: it answers from files of the form that
// the service's data explorer gives, and checks who asks as far as that is known.
//
// Known of the service, from its documentation or from several programs that use it: paths and parameters, the names of
// fields in a record of /data.table, the arrays named <thing>-array, both ways to sign in, the body of a 401, that a group
// of areas comes as one record a member, and that latest:N is bounded by what there is. Inferred here: that a page past the
// last is empty, that areas without a value are left out and not told, how a suppressed value looks in JSON, and all content
// types. Tests that lean on what is inferred say so.
package standin

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// CatalogueFile says, beside the downloads, what they are about: a Catalogue in JSON.
const CatalogueFile = "catalogue.json"

// A Record is one of /data.table, or a part of the catalogue, by the names of its fields.
type Record map[string]any

// A Catalogue is what the service says beside the values.
type Catalogue struct {
	// Group is the comparison group of all areas of the downloads, and Owner the area that owns it.
	Group       Record            `json:"comparisonGroup"`
	Owner       string            `json:"ownerArea"`
	AreaTypes   []Record          `json:"areaTypes"`
	MetricTypes map[string]Record `json:"metricTypes"` // by identifier
}

// An Account is who may ask: with a token alone, or with a key and a signature made with its secret.
type Account struct{ Token, Key, Secret string }

// A Service is a stand-in, which answers requests from many at once.
type Service struct {
	account Account
	base    string // address of the service as those who ask know it, without a slash at the end

	mu        sync.Mutex
	catalogue Catalogue
	records   []Record
	changed   map[string]string // day by metric type
	left      []string          // areas that are no members any more
}

// Open reads the catalogue and every metric-*.csv of a folder.
func Open(folder fs.FS, account Account) (*Service, error) {
	s := &Service{account: account, changed: map[string]string{}}
	text, err := fs.ReadFile(folder, CatalogueFile)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &s.catalogue); err != nil {
		return nil, fmt.Errorf("reading %s: %w", CatalogueFile, err)
	}
	downloads, err := fs.Glob(folder, "metric-*.csv")
	if err != nil {
		return nil, err
	}
	for _, name := range downloads {
		if err := s.load(folder, name); err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
	}
	return s, nil
}

// Under says under which address the service is asked, which is part of what is signed. It is said before the first request.
func (s *Service) Under(address string) { s.base = strings.TrimSuffix(address, "/") }

// headings are the rows above the values of a download.
const headings = 6

// load reads a download: six rows of headings, then one row an area.
func (s *Service) load(folder fs.FS, name string) error {
	text, err := fs.ReadFile(folder, name)
	if err != nil {
		return err
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return err
	}
	if len(rows) < headings {
		return fmt.Errorf("it has %d rows, and %d are headings", len(rows), headings)
	}
	for _, row := range rows[headings:] {
		for i := 3; i < len(row); i++ {
			if row[i] != "" { // an area without a value is left out
				s.records = append(s.records, record(rows, row, i))
			}
		}
	}
	return nil
}

// record is the value in column i of an area's row.
func record(rows [][]string, row []string, i int) Record {
	number := json.Number(strings.ReplaceAll(row[i], ",", ""))
	return Record{
		"metricTypeLabel": rows[0][i], "metricTypeIdentifier": rows[1][i], "metricTypeIsSummary": false,
		"valueTypeLabel": rows[2][i], "valueTypeIdentifier": rows[3][i], "valueTypeIsSummary": false,
		"periodLabel": rows[4][i], "periodIdentifier": rows[5][i], "periodIsSummary": false,
		"areaLabel": row[0], "areaLongLabel": row[1], "areaIdentifier": row[2], "areaIsSummary": false,
		"value": number, "source": number, "formatted": row[i], "format": "#,##0.00",
		"publicationStatus": "Published",
	}
}

// Edit hands out all records, to be given back as they are to be.
func (s *Service) Edit(edit func([]Record) []Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = edit(s.records)
}

// Changed notes that values of a metric type changed on a day, such as 2026-07-01.
func (s *Service) Changed(metricType, day string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed[metricType] = day
}

// Leave takes an area out of the group, though not its values.
func (s *Service) Leave(area string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = append(s.left, area)
}

// ServeHTTP answers a request.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
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
func (s *Service) knows(r *http.Request) bool {
	sent := s.base + r.URL.RequestURI()
	signed, signature, isSigned := strings.Cut(sent, "&Signature=")
	if !isSigned {
		return s.account.Token != "" && r.URL.Query().Get("ApplicationKey") == s.account.Token
	}
	text, err := url.QueryUnescape(signed)
	if err != nil || !strings.HasSuffix(text, "ApplicationKey="+s.account.Key) {
		return false
	}
	given, err := url.QueryUnescape(signature)
	mac := hmac.New(sha1.New, []byte(s.account.Secret))
	mac.Write([]byte(text))
	want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return err == nil && strings.ReplaceAll(given, " ", "+") == want
}

// isGroup says whether an identifier is that of the group.
func (s *Service) isGroup(id string) bool { return s.catalogue.Group["identifier"] == id }

// covers says whether an area is one of those asked for, by itself or by the group.
func (s *Service) covers(asked []string, area any) bool {
	return slices.ContainsFunc(asked, func(one string) bool { return one == area || s.isGroup(one) })
}
