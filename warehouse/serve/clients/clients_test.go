package clients

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write docs/clients.md anew")

// An outcome is what a client's checks came to.
type outcome struct {
	version      string
	passed, made int
	failed       []string
}

// A client is a program or driver, with the script that checks it.
type client struct {
	name    string
	needs   string // what is to be installed for it, by the name of the package
	command func(s *server, cache string) *exec.Cmd
	there   []string // the files that it cannot do without; a path that does not begin with / is one of the cache
}

func python(script string) func(*server, string) *exec.Cmd {
	return func(_ *server, cache string) *exec.Cmd {
		return exec.Command(filepath.Join(cache, "python/bin/python"), "-B", filepath.Join("python", script))
	}
}

// all are the clients whose checks are scripts.
var all = []client{
	{"psycopg 2", "python3-venv", python("psycopg2_client.py"), []string{"python/installed"}},
	{"psycopg 3", "python3-venv", python("psycopg3_client.py"), []string{"python/installed"}},
	{"asyncpg", "python3-venv", python("asyncpg_client.py"), []string{"python/installed"}},
	{"SQLAlchemy", "python3-venv", python("sqlalchemy_client.py"), []string{"python/installed"}},
	{"pandas", "python3-venv", python("pandas_client.py"), []string{"python/installed"}},
	{"psqlODBC", "odbc-postgresql", python("odbc_client.py"), []string{"python/installed", "/usr/lib/*/odbc/psqlodbcw.so"}},
	{"node-postgres", "npm", func(_ *server, cache string) *exec.Cmd {
		c := exec.Command("node", "node/client.js")
		c.Env = []string{"NODE_PATH=" + filepath.Join(cache, "node/node_modules")}
		return c
	}, []string{"node/installed"}},
	{"pgJDBC", "maven", func(_ *server, cache string) *exec.Cmd {
		jars, _ := filepath.Glob(filepath.Join(cache, "java/*.jar"))
		return exec.Command("java", "-cp", strings.Join(jars, ":"), "java/Client.java")
	}, []string{"java/installed"}},
	{"RPostgreSQL (R)", "r-cran-rpostgresql", func(*server, string) *exec.Cmd { return exec.Command("Rscript", "r/client.R") },
		[]string{"/usr/lib/R/site-library/RPostgreSQL"}},
}

// TestClients reads the release with each client and compares what came of it with docs/clients.md, which -update writes.
func TestClients(t *testing.T) {
	s := serve(t)
	folder, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(folder, "goldthread", "clients")
	lines := []string{
		line("psql", psqlChecks(t)),
		line("pgx (Go)", pgxChecks(t, s)),
		line("Npgsql, as Power BI brings it", npgsqlChecks(t)),
	}
	for _, c := range all {
		if missing := c.missing(cache); missing != "" {
			fmt.Printf("LEFT OUT: %s (needs %s, and warehouse/serve/clients/install; there is no %s)\n", c.name, c.needs, missing)
			if os.Getenv("CI") == "true" {
				t.Errorf("%s is not installed", c.name)
			}
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			o := c.run(t, s, cache)
			for _, problem := range o.failed {
				t.Error(problem)
			}
			lines = append(lines, line(c.name, o))
		})
	}
	compare(t, lines, len(lines) == len(all)+3)
}

func (c client) missing(cache string) string {
	for _, path := range c.there {
		if !strings.HasPrefix(path, "/") {
			path = filepath.Join(cache, path)
		}
		if found, _ := filepath.Glob(path); len(found) == 0 {
			return path
		}
	}
	return ""
}

// run runs a script and counts what it says.
func (c client) run(t *testing.T, s *server, cache string) (o outcome) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	given := c.command(s, cache)
	command := exec.CommandContext(ctx, given.Path, given.Args[1:]...)
	command.Env = append(append(s.environment(), odbcDriver()), given.Env...)
	var errors bytes.Buffer
	command.Stderr = &errors
	out, err := command.Output()
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		switch said := lines.Text(); {
		case strings.HasPrefix(said, "ok "):
			o.made, o.passed = o.made+1, o.passed+1
		case strings.HasPrefix(said, "not ok "):
			o.made, o.failed = o.made+1, append(o.failed, said)
		case strings.HasPrefix(said, "version "):
			o.version = strings.TrimSpace(said[len("version "):])
		}
	}
	if err != nil || o.made == 0 {
		t.Errorf("%s: %v\n%s\n%s", command, err, out, errors.Bytes())
	}
	return o
}

func odbcDriver() string {
	found, _ := filepath.Glob("/usr/lib/*/odbc/psqlodbcw.so")
	return "ODBC_DRIVER=" + strings.Join(found, "")
}

func line(name string, o outcome) string {
	return fmt.Sprintf("| %s | %s | %d of %d |", name, o.version, o.passed, o.made)
}

const document = "../../../docs/clients.md"

// compare looks each line up in the document, or writes the document of all lines.
func compare(t *testing.T, lines []string, whole bool) {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	head, _, found := strings.Cut(string(text), "|---|---|---|\n")
	if !found {
		t.Fatalf("%s has no table", document)
	}
	if *update && whole {
		if err := os.WriteFile(document, []byte(head+"|---|---|---|\n"+strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, l := range lines {
		if !strings.Contains(string(text), l+"\n") {
			t.Errorf("%s does not have %q; go test -tags duckdb_arrow ./warehouse/serve/clients -update writes it", document, l)
		}
	}
}
