package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/all"
	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/warehouse"
)

// A gate is a source of one row whose reading waits at a gate; all sources of a test share it.
type gate struct {
	name, host string
	pass       func(ctx context.Context, name string) error
}

func (g gate) Host() string { return g.host }

func (g gate) Datasets(context.Context) ([]connectors.Dataset, error) {
	return []connectors.Dataset{{Source: g.name, Name: "rows", Mode: connectors.Snapshot, Key: []string{"name"}, MaxQuarantined: 1,
		Columns: []connectors.Column{{Name: "name", Kind: connectors.Text}}}}, nil
}

func (g gate) Read(ctx context.Context, ds connectors.Dataset, _ connectors.Cursor) iter.Seq2[connectors.Batch, error] {
	return connectors.Yielding(ctx, func(emit func(connectors.Batch) error) error {
		if err := g.pass(ctx, g.name); err != nil {
			return err
		}
		rows, err := connectors.NewRows(ds, time.UTC)
		if err != nil {
			return err
		}
		rows.Append(1, [][]byte{[]byte(g.name)})
		extract := connectors.Extract{Place: g.name, Outcome: connectors.Landed}
		return emit(connectors.Batch{Extract: &extract, Rows: rows.Take(), EndOfLoad: true})
	})
}

// readGates reads sources into a new warehouse, and gives the run.
func readGates(t *testing.T, gates []gate, limits council.Parallel, patience time.Duration) *run {
	t.Helper()
	w, err := warehouse.Open(t.Context(), warehouse.Options{Folder: t.TempDir(), MemoryLimit: "256MB", Threads: 1, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	r := &run{warehouse: w, log: zerolog.Nop(), patience: patience}
	var all []*job
	for _, g := range gates {
		jobs, err := r.jobs(t.Context(), g.name, g)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, jobs...)
	}
	if err := r.readAll(t.Context(), all, limits); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *run) order() string {
	var names []string
	for _, load := range r.result.Loads {
		names = append(names, load.Source)
	}
	return strings.Join(names, " ")
}

// A lobby counts who is inside.
type lobby struct {
	mu     sync.Mutex
	inside map[string]int
	most   map[string]int
	full   chan struct{} // closed when as many are inside as may be
	room   int
}

func (l *lobby) enter(host string) (leave func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, counted := range []string{host, "all"} {
		l.inside[counted]++
		l.most[counted] = max(l.most[counted], l.inside[counted])
	}
	if l.inside["all"] == l.room {
		close(l.full)
		l.room = -1
	}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.inside[host]--
		l.inside["all"]--
	}
}

func TestSourcesAreReadAtTheSameTimeWithinTheLimits(t *testing.T) {
	l := &lobby{inside: map[string]int{}, most: map[string]int{}, full: make(chan struct{}), room: 5}
	var gates []gate
	var want []string
	for i := range 20 {
		host := fmt.Sprintf("host %d", i%4)
		want = append(want, fmt.Sprintf("source_%02d", i))
		gates = append(gates, gate{want[i], host, func(ctx context.Context, _ string) error {
			defer l.enter(host)()
			select {
			case <-l.full: // nobody goes on before five are here
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}})
	}
	r := readGates(t, gates, council.Parallel{InAll: 5, PerHost: 2}, time.Hour)
	if r.order() != strings.Join(want, " ") {
		t.Errorf("loads came in the order %s", r.order())
	}
	if l.most["all"] != 5 {
		t.Errorf("%d were read at the same time", l.most["all"])
	}
	for i := range 4 {
		if most := l.most[fmt.Sprintf("host %d", i)]; most > 2 {
			t.Errorf("%d of one host were read at the same time", most)
		}
	}
}

func TestASourceThatIsLateLetsOthersGoFirst(t *testing.T) {
	released := make(chan struct{})
	slow := func(ctx context.Context, name string) error {
		if name == "f" {
			close(released)
		}
		if name != "a" {
			return nil
		}
		select {
		case <-released:
			return errors.New("the server is gone")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	var gates []gate
	for _, name := range strings.Split("abcdef", "") {
		gates = append(gates, gate{name, name, slow})
	}
	r := readGates(t, gates, council.Parallel{InAll: 2, PerHost: 1}, 0)
	if r.order() != "b c d e f" || len(r.result.Problems) != 1 || r.result.Problems[0].Source != "a" {
		t.Errorf("loads %s, problems %+v", r.order(), r.result.Problems)
	}
	if stale := r.ledger[0]; stale.Source != "a" || !stale.Stale || r.ledger[5].Stale {
		t.Errorf("the ledger: %+v", r.ledger)
	}
}

func TestReadingEndsWithTheRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w, err := warehouse.Open(t.Context(), warehouse.Options{Folder: t.TempDir(), MemoryLimit: "256MB", Threads: 1, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r := &run{warehouse: w, log: zerolog.Nop(), patience: time.Hour}
	var jobs []*job
	var inside sync.WaitGroup
	inside.Add(3)
	for _, name := range []string{"a", "b", "c"} {
		more, err := r.jobs(ctx, name, gate{name, name, func(ctx context.Context, _ string) error {
			inside.Done()
			<-ctx.Done()
			return ctx.Err()
		}})
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, more...)
	}
	go func() { inside.Wait(); cancel() }()
	if err := r.readAll(ctx, jobs, council.Parallel{InAll: 3, PerHost: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

// twenty writes a council with twenty sources, of which one has a damaged file and one asks a service that does not answer.
func twenty(t *testing.T, parallel string) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS("../../cmd/goldthread/testdata/small")); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	settings, err := os.ReadFile(filepath.Join(root, "goldthread.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	write("goldthread.yaml", string(settings)+parallel)
	for i := range 18 {
		name := fmt.Sprintf("desk_%02d", i)
		write("sources/"+name+".yaml", strings.NewReplacer("source: desk", "source: "+name, "folder: drops", "folder: drops/"+name).Replace(deliveryContract))
		text := "ref,edition\n"
		for n := range 1 + i*10 {
			text += fmt.Sprintf("%d,%d\n", n, i)
		}
		if i == 7 {
			text = "nothing\nof the kind\n"
		}
		write("drops/"+name+"/2026-07-01/a.csv", text)
	}
	write("sources/lgi.yaml", "source: lgi\nkind: lginform\nurl: http://127.0.0.1:1/\nallow_loopback: true\napplication_key_env: NONE\ndatasets:\n  - {name: kinds, reads: area_types}\n")
	return root
}

// ledgerOf runs a council's folder and gives what the ledger then holds, a line an entry.
func ledgerOf(t *testing.T, root string) []string {
	t.Helper()
	folder, err := Open(t.Context(), root, all.Kinds)
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 7, 2, 12, 0, 0, 0, time.UTC)
	result, err := Run(t.Context(), folder, Options{Version: "test", Now: func() time.Time { return noon }})
	if err != nil || result.Outcome != Red || len(result.Problems) != 2 {
		t.Fatalf("%v: %+v", err, result.Problems)
	}
	w, err := warehouse.OpenToRead(t.Context(), folder.StateFolder())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	rows, err := w.Conn().QueryContext(t.Context(), `
		select concat_ws(' ', 'load', lpad(load_id::varchar, 3, '0'), source, dataset, rows_read, rows_stored, cursor) as line
		from meta.loads where source <> 'handbook'
		union all select concat_ws(' ', 'look', lpad(extract_id::varchar, 3, '0'), load_id, source, place, sha256, outcome, reason)
		from meta.extracts where source <> 'handbook'
		union all select concat_ws(' ', 'dataset', source, dataset, is_stale) from meta.datasets
		order by line`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestTwentySourcesLandAlikeHoweverManyAreReadAtTheSameTime(t *testing.T) {
	alone := ledgerOf(t, twenty(t, "parallel: {in_all: 1}\n"))
	together := ledgerOf(t, twenty(t, "parallel: {in_all: 8, per_host: 4}\n"))
	if len(alone) != len(together) {
		t.Fatalf("%d entries one after the other, %d at the same time", len(alone), len(together))
	}
	for i := range alone {
		if alone[i] != together[i] {
			t.Errorf("one after the other: %s\nat the same time:    %s", alone[i], together[i])
		}
	}
	text := strings.Join(alone, "\n")
	for _, want := range []string{"desk_17 requests 171 171", "desk_07 requests true", "lgi kinds true", "desk_08 requests false", "returns waste false"} {
		if !strings.Contains(text, want) {
			t.Errorf("the ledger lacks %q:\n%s", want, text)
		}
	}
}
