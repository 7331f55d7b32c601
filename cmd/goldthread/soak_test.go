package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

var soakFor = flag.Duration("soak", 0, "how long the program is watched at work; not at all unless given")

// oneFaultIn is how many runs, files and starts there are for each fault.
const oneFaultIn = 20

// slowSource is a database whose server takes connections and says nothing.
const slowSource = `source: slow
kind: sqldb
engine: postgresql
host: 127.0.0.1
port: %d
database: none
user: nobody
tls: "off"
connect_timeout: 1s
tries: 1
datasets:
  - name: nothing
    table: public.nothing
    mode: snapshot
    key: [id]
    columns:
      id: {type: integer, required: true}
    personal_data: none
`

// A soak is a kept council that is at work for a long time.
type soak struct {
	*keptCouncil
	dropped, broken, killed, backups, answers, runs atomic.Int64
}

func newSoak(t *testing.T) *soak {
	t.Helper()
	s := &soak{keptCouncil: newKeptCouncil(t)}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	writeText(t, filepath.Join(s.folder, "sources", "slow.yaml"), fmt.Sprintf(slowSource, silent.Addr().(*net.TCPAddr).Port))
	for n := range schedulesAtWork {
		source := "returns"
		if n%oneFaultIn == 0 {
			source = "slow"
		}
		name := fmt.Sprintf("often_%02d", n)
		writeText(t, filepath.Join(s.folder, "schedules", name+".yaml"), "schedule: "+name+"\nwhen: every 1 minutes\nsources: ["+source+"]\n")
	}
	return s
}

// TestNothingGrowsOverTime has runs follow each other on files that change, one fault in twenty, while eight readers read and backups
// are made, and then fits a line through what each process holds.
func TestNothingGrowsOverTime(t *testing.T) {
	if *soakFor == 0 {
		t.Log("not asked for; make soak MINUTES=10 does it")
		return
	}
	s := newSoak(t)
	s.up = startUp(t, s.program, s.folder)
	s.up.heard("serving")
	s.up.heard("scheduling")
	ctx, cancel := context.WithTimeout(t.Context(), *soakFor)
	defer cancel()
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() { s.reads(ctx, rand.New(rand.NewPCG(*seed, uint64(n)))) })
	}
	for _, work := range []func(context.Context){s.drops, s.killsRuns, s.makesBackups} {
		all.Go(func() { work(ctx) })
	}
	samples := s.sample(ctx)
	all.Wait()
	s.report(samples)
	if err := s.up.stop(); err != nil {
		t.Errorf("goldthread up ended with %v", err)
	}
	s.checkGoroutines()
	s.checkFiles()
}

// pause waits and says whether the soak goes on.
func pause(ctx context.Context, wait time.Duration) bool {
	sleep(ctx, wait)
	return ctx.Err() == nil
}

// reads asks one small question after the other, with a new session now and then.
func (s *soak) reads(ctx context.Context, moments *rand.Rand) {
	for ctx.Err() == nil {
		if err := s.session(ctx, moments); err != nil && ctx.Err() == nil {
			s.t.Errorf("a reader: %v", err)
			return
		}
	}
}

func (s *soak) session(ctx context.Context, moments *rand.Rand) error {
	conn, err := s.guest.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for range 20 + moments.IntN(40) {
		if _, err := conn.Exec(ctx, "select measure_code, sum(value) from marts.measure_trend where value > $1 group by 1", moments.IntN(100)); err != nil {
			return err
		}
		s.answers.Add(1)
		if !pause(ctx, time.Duration(moments.IntN(200))*time.Millisecond) {
			return nil
		}
	}
	return nil
}

// drops puts a file in its place every few seconds, one in twenty of them broken, which is taken away again when the next one comes,
// as the others are after a minute.
func (s *soak) drops(ctx context.Context) {
	var there []string
	for n := 0; pause(ctx, 3*time.Second); n++ {
		broken := n%oneFaultIn == oneFaultIn-1
		edition := s.dropEdition(n, broken)
		if there = append(there, edition); len(there) > oneFaultIn {
			_ = os.RemoveAll(there[0]) // a run may be reading it; the next one will not find it
			there = there[1:]
		}
		if broken {
			pause(ctx, 3*time.Second)
			_ = os.RemoveAll(edition)
		}
	}
}

// dropEdition puts a file where it is found, whole, and gives its folder.
func (s *soak) dropEdition(n int, broken bool) (edition string) {
	s.t.Helper()
	text, making := editionOf(n), filepath.Join(s.folder, "making")
	if broken {
		text = strings.Replace(text, "collected", "collected twice", 1)
		s.broken.Add(1)
	}
	edition = filepath.Join(s.folder, "drops", fmt.Sprintf("%d-%02d", 2030+n/12, n%12+1))
	if err := os.Mkdir(making, 0o755); err != nil {
		s.t.Error(err)
	}
	writeText(s.t, filepath.Join(making, "waste.csv"), text)
	if err := os.Rename(making, edition); err != nil {
		s.t.Error(err)
	}
	s.dropped.Add(1)
	return edition
}

// editionOf are figures of forty years, of which a few are other than in the edition before.
func editionOf(n int) string {
	var b strings.Builder
	b.WriteString("area_code,period,recycled,collected\n")
	for year := 1980; year < 2020; year++ {
		recycled := year % 100
		if year%10 == n%10 {
			recycled += n
		}
		fmt.Fprintf(&b, "E07000001,%d/%02d,%d,1000000\n", year, (year+1)%100, recycled)
	}
	return b.String()
}

// killsRuns counts runs and kills one in twenty.
func (s *soak) killsRuns(ctx context.Context) {
	for mark := 0; pause(ctx, 100*time.Millisecond); {
		lines := s.up.all()
		for ; mark < len(lines); mark++ {
			if !started("run")(lines[mark]) {
				continue
			}
			if s.runs.Add(1)%oneFaultIn == 0 && syscall.Kill(lines[mark].Process, syscall.SIGKILL) == nil {
				s.killed.Add(1)
			}
		}
	}
}

func (s *soak) makesBackups(ctx context.Context) {
	for pause(ctx, 30*time.Second) {
		out, err := commandWith(s.program, s.folder, "", "backup", "--to", s.keptCouncil.backups, "--wait", "10m", "--keep", "3").CombinedOutput()
		if err != nil {
			s.t.Errorf("a backup: %v\n%s", err, out)
		}
		s.backups.Add(1)
	}
}

// A series is one thing that was looked at again and again.
type series struct {
	name   string
	unit   string
	most   float64 // that it may grow by, over the whole time after the warm-up
	values []float64
}

// What may grow: R37 allows a process one megabyte an hour over seven hours, and nothing else anything; what comes and goes may
// stand one way at the beginning and the other at the end.
const (
	mostMemory = 7
	mostThings = 3
)

func (s *soak) sample(ctx context.Context) []*series {
	parts := []string{"serve", "schedule", "up"}
	var list []*series
	for _, part := range parts {
		list = append(list, &series{name: part + " memory", unit: "MB", most: mostMemory},
			&series{name: part + " descriptors", most: mostThings}, &series{name: part + " threads", most: mostThings})
	}
	goroutines := &series{name: "serve goroutines", most: mostThings}
	temporary := &series{name: "temporary files", most: mostThings}
	for pause(ctx, 2*time.Second) {
		for i, part := range parts {
			process := s.up.command.Process.Pid
			if part != "up" {
				process = s.up.process(part)
			}
			memory, threads := heldBy(s.t, process)
			descriptors, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", process))
			if err != nil {
				s.t.Error(err)
			}
			for j, value := range []float64{memory, float64(len(descriptors)), threads} {
				list[3*i+j].values = append(list[3*i+j].values, value)
			}
		}
		goroutines.values = append(goroutines.values, s.goroutines())
		temporary.values = append(temporary.values, float64(s.temporaryFiles()))
	}
	return append(list, goroutines, temporary)
}

// goroutines are those of the server, as it tells Prometheus; the page is looked at too.
func (s *soak) goroutines() (n float64) {
	s.t.Helper()
	for _, path := range []string{"/", "/health", "/metrics"} {
		answer, err := http.Get("http://" + s.page + path)
		if err != nil {
			s.t.Error(err)
			return 0
		}
		text, err := io.ReadAll(answer.Body)
		if err = errors.Join(err, answer.Body.Close()); err != nil {
			s.t.Error(err)
		}
		if _, after, found := strings.Cut(string(text), "\ngo_goroutines "); found {
			if _, err := fmt.Sscan(after, &n); err != nil {
				s.t.Error(err)
			}
		}
	}
	if n == 0 {
		s.t.Error("the server does not tell how many goroutines it has")
	}
	return n
}

// heldBy is the memory of its own that a process holds, in MB, and how many threads it has.
func heldBy(t *testing.T, process int) (memory, threads float64) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		t.Error(err)
		return 0, 0
	}
	for name, value := range map[string]*float64{"RssAnon:": &memory, "Threads:": &threads} {
		_, after, _ := strings.Cut(string(text), name)
		if _, err := fmt.Sscan(after, value); err != nil {
			t.Error(name, err)
		}
	}
	return memory / 1024, threads
}

// temporaryFiles counts what lies where only work under way leaves anything.
func (s *soak) temporaryFiles() (n int) {
	for _, pattern := range []string{"tmp/*", "serve/spill/*", "archive/incoming-*", "releases/.*", "*.new"} {
		found, _ := filepath.Glob(filepath.Join(s.folder, ".goldthread", filepath.FromSlash(pattern)))
		n += len(found)
	}
	return n
}

// warm are the values after a warm-up of three tenths.
func (s *series) warm() []float64 { return s.values[len(s.values)*3/10:] }

// floors are the least of each of ten stretches: what a process holds for a moment, a release that is opened or an answer that is made,
// comes and goes above them, and what it never lets go of raises them.
func floors(values []float64) (least []float64) {
	const stretches = 10
	for i := range stretches {
		least = append(least, slices.Min(values[i*len(values)/stretches:(i+1)*len(values)/stretches]))
	}
	return least
}

// growth is by how much the line that fits the values best rises from its beginning to its end.
func growth(values []float64) float64 {
	n := float64(len(values))
	var sumX, sumY, sumXX, sumXY float64
	for i, y := range values {
		x := float64(i)
		sumX, sumY, sumXX, sumXY = sumX+x, sumY+y, sumXX+x*x, sumXY+x*y
	}
	slope := (n*sumXY - sumX*sumY) / (n*sumXX - sumX*sumX)
	return slope * (n - 1)
}

func (s *soak) report(samples []*series) {
	fmt.Printf("soak: %s, seed %d: %d runs, of which %d were killed; %d files, of which %d were broken; %d backups; %d answers to 8 readers\n",
		*soakFor, *seed, s.runs.Load(), s.killed.Load(), s.dropped.Load(), s.broken.Load(), s.backups.Load(), s.answers.Load())
	for _, one := range samples {
		if len(one.values) < 20 {
			s.t.Fatalf("%s: too few looks, %d", one.name, len(one.values))
		}
		warm := one.warm()
		all, least := growth(warm), growth(floors(warm))
		fmt.Printf("soak: %-22s %7.1f at first %7.1f after warm-up %7.1f at last %7.1f at most, the line grows by %+6.1f, that of the floors by %+6.1f, at most %+.0f %s\n",
			one.name, one.values[0], warm[0], warm[len(warm)-1], slices.Max(one.values), all, least, one.most, one.unit)
		if least > one.most {
			s.t.Errorf("%s grows by %.1f %s after the warm-up", one.name, least, one.unit)
		}
	}
	if s.runs.Load() < int64(soakFor.Minutes()*5) {
		s.t.Errorf("there were hardly any runs: %d", s.runs.Load())
	}
}

// checkGoroutines compares how many goroutines server and scheduler had when they began and when they ended.
func (s *soak) checkGoroutines() {
	s.t.Helper()
	for began, ended := range map[string]string{"serving": "serving ended", "scheduling": "scheduling ended"} {
		first, mark := s.up.after(0, began, said(began))
		last, _ := s.up.after(mark, ended, said(ended))
		fmt.Printf("soak: %s with %d goroutines at first and %d at last\n", began, first.Goroutines, last.Goroutines)
		if last.Goroutines > first.Goroutines+mostThings {
			s.t.Errorf("%s: %d goroutines have become %d", began, first.Goroutines, last.Goroutines)
		}
	}
}

// checkFiles wants all to be in order, nothing left that was temporary, and the warehouse's file at most a fifth larger than what it
// holds.
func (s *soak) checkFiles() {
	s.t.Helper()
	succeed(s.t, commandWith(s.program, s.folder, "", "run", "--select", "returns"))
	if _, faults := stateOf(s.t.Context(), s.folder); len(faults) > 0 {
		s.t.Error(strings.Join(faults, "\n"))
	}
	db, err := duckdb.Open(s.t.Context(), duckdb.Settings{Path: filepath.Join(s.folder, ".goldthread", "warehouse.duckdb"), ReadOnly: true})
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	var block, total, used int64
	if err := db.QueryRowContext(s.t.Context(), "select block_size, total_blocks, used_blocks from pragma_database_size()").Scan(&block, &total, &used); err != nil {
		s.t.Fatal(err)
	}
	fmt.Printf("soak: the warehouse's file has %d blocks of %d kB, of which %d are in use\n", total, block>>10, used)
	const spare = 16 // blocks that a load rewrites
	if total > used*12/10+spare {
		s.t.Errorf("of the %d blocks of the warehouse's file %d are in use", total, used)
	}
	if left := s.temporaryFiles(); left > 0 {
		s.t.Errorf("%d temporary files are left", left)
	}
}
