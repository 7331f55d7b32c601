package bench

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
)

// TestReadingStandsBesidePostgreSQL also shows that both servers give as many rows, and that PostgreSQL reads our binary copy.
func TestReadingStandsBesidePostgreSQL(t *testing.T) {
	server := sqldbtest.StartPostgreSQL(t)
	if server == nil {
		return
	}
	program := filepath.Join(t.TempDir(), "goldthread")
	if out, err := exec.Command("go", "build", "-tags", "duckdb_arrow", "-o", program, "../../../cmd/goldthread").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	few := few
	few.Rows = 5000
	figures, err := Serve(t.Context(), few, Reading{Program: program, Database: Database{Host: server.Host, Port: server.Port, Name: server.Database, User: server.User}, Switches: 5})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range figures {
		if seen[f.Name] = true; f.Seconds <= 0 {
			t.Errorf("%+v", f)
		}
	}
	for _, name := range []string{"serve.text", "serve.binary", "serve.copy", "serve.copy_binary", "serve.group_by", "serve.catalogue_of_five", "serve.first_of_ten_times", "serve.ten_times", "serve.release_switches"} {
		if !seen[name] {
			t.Errorf("there is no figure %s", name)
		}
	}
}
