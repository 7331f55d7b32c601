package sqldb

import (
	"strings"
	"testing"

	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
)

const driftDataset = `
  - name: tenancies
    table: tenancies
    mode: snapshot
    key: [id]
    on_new_column: POLICY
    columns: {id: {type: integer}, name: {type: text}, rent: {type: "decimal(10,2)"}}
`

// A change to a table, in the words of both engines or of each, and what the next look must say of it.
var drifts = []struct {
	name, policy string
	postgresql   string
	mariadb      string // as for PostgreSQL where empty
	want         string
}{
	{"added", "ignore", "alter table tenancies add column birth date", "", `landed: new columns that the contract does not name and that are not read: "birth"`},
	{"added and refused", "refuse", "alter table tenancies add column birth date", "", `refused: new columns that the contract does not name: "birth"`},
	{"added and taken", "add", "alter table tenancies add column birth date", "", `landed: added as text, and are personal until they are classed: "birth"`},
	{"dropped", "ignore", "alter table tenancies drop column rent", "", `refused: the source lacks "rent"; the source has "id", "name"`},
	{"another dropped", "ignore", "alter table tenancies drop column note", "", `landed: no column "note" any more`},
	{"renamed", "ignore", "alter table tenancies rename column rent to weekly_rent", "", `refused: the source lacks "rent"; the source has "id", "name", "weekly_rent"`},
	{"reordered", "ignore", "alter table tenancies drop column name; alter table tenancies add column name varchar(40)", "alter table tenancies modify column name varchar(40) after rent", `landed: in another order`},
	{"widened", "ignore", "alter table tenancies alter column rent type numeric(12,2)", "alter table tenancies modify column rent decimal(12,2)", `landed: was of type TYPE(10,2) and is now TYPE(12,2)`},
	{"narrowed", "ignore", "alter table tenancies alter column name type varchar(10)", "alter table tenancies modify column name varchar(10)", `landed: and is now`},
	{"retyped", "ignore", "alter table tenancies alter column rent type text", "alter table tenancies modify column rent varchar(20)", `refused: "rent" was of type TYPE(10,2) and is now`},
	{"nullability", "ignore", "alter table tenancies alter column rent set not null", "alter table tenancies modify column rent decimal(10,2) not null", `landed: "rent" may not be empty any more`},
	{"key", "ignore", "alter table tenancies drop constraint tenancies_pkey; alter table tenancies add primary key (id, name)", "alter table tenancies drop primary key, add primary key (id, name)", `landed: primary key was (id) and is now (id, name)`},
	{"collation", "ignore", `alter table tenancies alter column name type varchar(40) collate "C"`, "alter table tenancies modify column name varchar(40) character set utf8mb4 collate utf8mb4_bin", `landed: the collation of column "name" was`},
	{"case", "ignore", `alter table tenancies rename column name to "Name"`, "alter table tenancies change column name Name varchar(40)", `landed: the column "name" is now called "Name"`},
	{"view replaced", "ignore", "alter table tenancies rename to old; create view tenancies as select id, name, rent, note from old", "", `landed: the view was replaced`},
	{"emptied", "ignore", "delete from tenancies", "", "landed: the source holds no row"},
	{"gone", "ignore", "drop table tenancies", "", "refused: there is no table or view"},
}

func TestDriftIsNeverSilent(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		for _, drift := range drifts {
			t.Run(drift.name, func(t *testing.T) {
				for _, statement := range []string{"drop view if exists tenancies", "drop table if exists tenancies", "drop table if exists old"} {
					_ = server.Try(statement) // a table's name may be a view's by now, or the other way about
				}
				server.Exec(t, `create table tenancies (id integer primary key, name varchar(40), rent decimal(10,2), note varchar(10));
					insert into tenancies (id, name, rent) values (1, 'a', 1.25), (2, 'b', 2.50)`)
				source := open(t, settings(server)+strings.Replace(driftDataset, "POLICY", drift.policy, 1))
				before := source.readAll(t, "tenancies", nil)
				if len(before.rows) != 2 {
					t.Fatalf("%d rows: %s", len(before.rows), before.look())
				}
				change, of := drift.postgresql, "numeric"
				if server.Engine == "mariadb" {
					if of = "decimal"; drift.mariadb != "" {
						change = drift.mariadb
					}
				}
				server.Exec(t, change)
				outcome, words, _ := strings.Cut(strings.ReplaceAll(drift.want, "TYPE", of), ": ")
				look := source.readAll(t, "tenancies", before.cursor).look()
				if !strings.HasPrefix(look, outcome) || !strings.Contains(look, words) {
					t.Errorf("the look says %q, want %s with %q", look, outcome, words)
				}
			})
		}
	})
}
