package sqldb

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
)

var update = flag.Bool("update", false, "write the expected files anew")

var kinds = connectors.Kinds{"sqldb": Default}

func TestFaultsOfAFileAreToldAtOnce(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal(err, paths)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, fault := kinds.Decode("sources/"+filepath.Base(path), text)
		if fault == nil {
			t.Fatalf("%s: no fault was found", path)
		}
		expected := strings.TrimSuffix(path, ".yaml") + ".txt"
		if *update {
			if err := os.WriteFile(expected, []byte(fault.Error()+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(expected)
		if err != nil {
			t.Fatal(err)
		}
		if got := fault.Error() + "\n"; got != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
		}
	}
}

func TestAnEngineIsOneThatIsKnown(t *testing.T) {
	text, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, fault := kinds.Decode("sources/housing.yaml", []byte(strings.Replace(string(text), "postgresql", "postgres", 1)))
	if want := `sources/housing.yaml:3: unknown engine "postgres"` + "\n  fix: did you mean \"postgresql\"? engine: mariadb, mysql, "; fault == nil || !strings.HasPrefix(fault.Error(), want) {
		t.Errorf("got %v, want %s", fault, want)
	}
}

func TestSettingsBecomeATarget(t *testing.T) {
	text, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	source := openIn(t, "council", string(text))
	got := source.target(&line{})
	got.Dial = nil
	want := target{
		Host: "db.council.example", Port: 5433, Database: "housing", User: "goldthread", Zone: "Europe/London",
		ConnectTimeout: 15 * time.Second, StatementTimeout: 45 * time.Minute, LockTimeout: 500 * time.Millisecond,
		TLS: tlsTerms{host: "db.council.example", caFile: filepath.Join("council", "certs", "council.pem")},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if v := source.tables[0].dataset.Volume; !v.OfWhole {
		t.Errorf("the number of rows that changed is weighed: %+v", v)
	}
	if v := source.tables[1].dataset.Volume; v.OfWhole {
		t.Errorf("a snapshot is not weighed: %+v", v)
	}
}

func TestAComparisonIsDueByTheSourcesClock(t *testing.T) {
	day := int64(24 * 60 * 60)
	for _, test := range []struct {
		every         string
		mode          connectors.Mode
		compared, now int64
		due           bool
	}{
		{"", connectors.Increment, 100 * day, 106*day + day - 1, false},
		{"", connectors.Increment, 100*day + day - 1, 107 * day, true},
		{"daily", connectors.Increment, 100 * day, 101 * day, true},
		{"monthly", connectors.Increment, 100 * day, 127 * day, false},
		{"never", connectors.Increment, 0, 1000 * day, false},
		{"", connectors.Append, 0, 1000 * day, false},
	} {
		v := &visit{reading: &reading{table: table{Settings: Settings{Contract: connectors.Contract{Mode: test.mode}, FullComparison: test.every}}, before: cursor{Compared: test.compared}}}
		if got := v.comparisonDue(test.now); got != test.due {
			t.Errorf("%+v: got %v", test, got)
		}
	}
}
