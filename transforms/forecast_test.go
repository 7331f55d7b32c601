package transforms

import (
	"context"
	"strings"
	"testing"
)

// foretold gives what a build would do with each model of the chain and why, as a line each.
func (b bench) foretold(files map[string]string, mayChange ...string) string {
	b.t.Helper()
	all, err := b.load(files).Forecast(context.Background(), newShelf(b.t, b.conn), func(relation string) bool { return contains(mayChange, relation) })
	if err != nil {
		b.t.Fatal(err)
	}
	var lines []string
	for _, f := range all {
		if !strings.HasPrefix(f.Name, Observations) && f.Name != ObservationVersions {
			lines = append(lines, strings.TrimSuffix(f.Name+" "+string(f.Decision)+": "+strings.Join(f.Why, "; "), ": "))
		}
	}
	return strings.Join(lines, "\n")
}

func TestForecastSaysWhyAModelWouldBeBuilt(t *testing.T) {
	changed := func(file, from, to string) map[string]string {
		files := chain()
		files[file] = strings.Replace(files[file], from, to, 1)
		return files
	}
	for _, c := range []struct {
		name, change string
		files        map[string]string
		mayChange    string
		want         string
	}{
		{"nothing changed", "", chain(), "",
			"staging.stg_site__requests keep\nintermediate.int_wards keep\nmarts.wards keep"},
		{"a landed relation changed", "insert into current.site__requests values (4, 'C', 5)", chain(), "",
			"staging.stg_site__requests build: reads current.site__requests, which changed\n" +
				"intermediate.int_wards may build: reads staging.stg_site__requests, which may change\n" +
				"marts.wards may build: reads intermediate.int_wards, which may change"},
		{"a source has something new", "", chain(), "current.site__requests",
			"staging.stg_site__requests may build: reads current.site__requests, which may change\n" +
				"intermediate.int_wards may build: reads staging.stg_site__requests, which may change\n" +
				"marts.wards may build: reads intermediate.int_wards, which may change"},
		{"SQL changed", "", changed("marts/wards.sql", "as doubled", "+ 1 as doubled"), "",
			"staging.stg_site__requests keep\nintermediate.int_wards keep\nmarts.wards build: its SQL changed"},
		{"a macro changed", "", changed("macros.sql", "amount * 2", "amount + amount"), "",
			"staging.stg_site__requests keep\nintermediate.int_wards keep\nmarts.wards build: the macro twice changed"},
		{"another program built", "update meta.table_states set state = replace(state, 'sql ', 'sql_')", chain(), "",
			"staging.stg_site__requests build: another version of the program built it\n" +
				"intermediate.int_wards build: another version of the program built it\n" +
				"marts.wards build: another version of the program built it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.did(chain())
			if c.change != "" {
				run(t, b.conn, c.change)
			}
			if got := b.foretold(c.files, c.mayChange); got != c.want {
				t.Errorf("foretold is\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestForecastNamesWhatIsNewAndWhatIsGone(t *testing.T) {
	b := newBench(t)
	files := chain()
	delete(files, "marts/wards.sql")
	b.did(files)
	files = chain()
	files["marts/areas.sql"] = strings.ReplaceAll(files["marts/wards.sql"], "marts.wards", "marts.areas")
	if got := b.foretold(files); !strings.Contains(got, "marts.areas build: it has not been built yet") {
		t.Errorf("foretold is\n%s", got)
	}
	b.did(files)
	if got := b.foretold(chain()); !strings.Contains(got, "marts.areas drop: no model makes it any more") {
		t.Errorf("foretold is\n%s", got)
	}
}

func TestForecastComesTrue(t *testing.T) {
	b := newBench(t)
	b.did(chain())
	files := chain()
	files["intermediate/int_wards.sql"] = strings.Replace(files["intermediate/int_wards.sql"], "count(*)", "count(*) + 1", 1)
	foretold := b.foretold(files)
	b.expect(files, "stg_site__requests kept, int_wards built changed, wards built changed")
	const want = "staging.stg_site__requests keep\nintermediate.int_wards build: its SQL changed\n" +
		"marts.wards may build: reads intermediate.int_wards, which may change"
	if foretold != want {
		t.Errorf("foretold is\n%s\nwant\n%s", foretold, want)
	}
}
