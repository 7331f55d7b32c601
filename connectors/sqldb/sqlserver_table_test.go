package sqldb

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/sqldb/tdstest"
)

// msSource gives a source over a stand-in, with settings of the source and a dataset after those that all tests share.
func msSource(t *testing.T, s *tdstest.Server, settings, dataset string) *Source {
	t.Helper()
	tls := "tls: off"
	if s.CAFile != "" {
		tls = "ca_file: " + s.CAFile
	}
	text := fmt.Sprintf("source: care\nkind: sqldb\nengine: sqlserver\nhost: %s\nport: %d\ndatabase: care\nuser: %s\npassword_env: CARE\n%s\n%s\ndatasets:\n  - name: cases\n    table: dbo.cases\n%s",
		s.Host, s.Port, tdstest.User, tls, settings, dataset)
	file, err := connectors.Kinds{"sqldb": Default}.Decode("sources/care.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	source, err := file.Config.Open(connectors.Deps{Root: t.TempDir(), Zone: london(t), Getenv: func(string) string { return tdstest.Secret }})
	if err != nil {
		t.Fatal(err)
	}
	return quick(source.(*Source))
}

func london(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// A msReading is what came of one reading.
type msReading struct {
	rows    []string // stored, as text
	rejects []connectors.Reject
	looks   []connectors.Extract
	cursor  connectors.Cursor
	kept    bool // a load came to its end
	err     error
}

// last is the look that tells how the reading ended.
func (r msReading) last() connectors.Extract {
	if len(r.looks) == 0 {
		return connectors.Extract{}
	}
	return r.looks[len(r.looks)-1]
}

// readOnce reads a source's only dataset. Rows of loads that are dropped are not among those given.
func readOnce(t *testing.T, s *Source, since connectors.Cursor) (r msReading) {
	t.Helper()
	datasets, err := s.Datasets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var open msReading
	for batch, err := range s.Read(t.Context(), datasets[0], since) {
		if err != nil {
			r.err = err
			return r
		}
		if batch.Discard {
			open = msReading{}
		}
		if batch.Extract != nil {
			r.looks = append(r.looks, *batch.Extract)
		}
		open.rows = append(open.rows, texts(batch)...)
		open.rejects = append(open.rejects, batch.Rejects...)
		if batch.EndOfLoad && !batch.Discard && batch.Cursor != nil {
			r.rows, r.rejects, r.cursor, r.kept = append(r.rows, open.rows...), append(r.rejects, open.rejects...), batch.Cursor, true
			open = msReading{}
		}
	}
	return r
}

// texts are the rows of a batch, each with its values between bars.
func texts(batch connectors.Batch) []string {
	if batch.Rows == nil {
		return nil
	}
	defer batch.Rows.Release()
	rows := make([]string, batch.Rows.NumRows())
	for i := range rows {
		var b bytes.Buffer
		for c := range int(batch.Rows.NumCols()) - 1 { // without the row's number
			if c > 0 {
				b.WriteByte('|')
			}
			b.WriteString(batch.Rows.Column(c).ValueStr(i))
		}
		rows[i] = b.String()
	}
	return rows
}
