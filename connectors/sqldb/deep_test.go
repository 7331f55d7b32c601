package sqldb

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
)

func TestDeepTellsWithoutData(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		server.Exec(t, `create table tenancies (id integer primary key, name varchar(40), rent decimal(12,4), updated_at timestamp null);
			insert into tenancies values (1, 'canary', 1.2345, '2026-01-01 12:00:00'), (2, 'canary', 1.5, null)`)
		var source connectors.Prober = open(t, settings(server)+strings.ReplaceAll(suiteDatasets, "names.sql", "none.sql"))
		findings, err := source.Deep(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, f := range findings {
			told = append(told, fmt.Sprintf("%s %s: %s (%t)", f.Dataset, f.Tried, f.Found, f.OK))
		}
		all := strings.Join(told, "\n")
		for _, want := range []string{
			"tenancies cursor updated_at: reading from the latest value on finds 1 rows (true)",
			"1 of 2 rows have none (true)",
			"tenancies column rent: 1 values cannot be kept as the contract says, and their rows would be set aside (false)",
			"tenancies rows: 2 were read, and their totals are the source's (true)",
			"tenancies primary key: (id) at the source, (id) in the contract (true)",
			"tenancies rights: the account may write to",
			"names reading: the query cannot be read",
		} {
			if !strings.Contains(all, want) {
				t.Errorf("%q is not told in\n%s", want, all)
			}
		}
		if strings.Contains(all, "canary") || slices.ContainsFunc(findings, func(f connectors.Finding) bool { return strings.Contains(f.Found, "1.2345") }) {
			t.Errorf("a value is told in\n%s", all)
		}
	})
}
