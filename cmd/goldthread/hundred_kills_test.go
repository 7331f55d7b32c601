package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var upKills = flag.Int("up-kills", 100, "how often a part of the program is killed under goldthread up")

// A keptCouncil is a small council's folder with a schedule that is always at work, readers, alarms and backups, under
// goldthread up.
type keptCouncil struct {
	t               *testing.T
	program, folder string
	guest           guest
	page            string // address of the status page
	backups         string
	up              *supervised
	logged          []logLine // by those before it

	lock         sync.Mutex
	editions     int
	acknowledged []string
	kills        map[string]int
	slowest      time.Duration // until readers were answered again
}

// schedulesAtWork are so many that one run or backup follows the other all the time.
const schedulesAtWork = 90

func newKeptCouncil(t *testing.T) *keptCouncil {
	t.Helper()
	c := &keptCouncil{
		t: t, program: buildProgram(t), folder: tinyCouncil(t), backups: filepath.Join(t.TempDir(), "backups"), kills: map[string]int{},
	}
	address := freeAddress(t)
	c.page = freeAddress(t)
	addLine(t, filepath.Join(c.folder, "goldthread.yaml"), fmt.Sprintf("serve: {listen: %q, web: {listen: %q}}\nalerts: {file: alarms.txt}", address, c.page))
	mustRun(t, c.program, c.folder)
	state := filepath.Join(c.folder, ".goldthread")
	c.guest = newGuest(t, c.folder, address)
	if err := os.Mkdir(filepath.Join(c.folder, "schedules"), 0o755); err != nil {
		t.Fatal(err)
	}
	var ledger strings.Builder
	for n := range schedulesAtWork {
		name := fmt.Sprintf("often_%02d", n)
		text := "schedule: " + name + "\nwhen: every 1 minutes\n"
		if n%2 == 1 {
			text += fmt.Sprintf("backup: {to: %q, keep: 35 days}\n", c.backups)
		}
		writeText(t, filepath.Join(c.folder, "schedules", name+".yaml"), text)
		fmt.Fprintf(&ledger, `{"at":%q,"schedule":%q,"what":"seen"}`+"\n", time.Now().Add(-time.Hour).Format(time.RFC3339), name)
	}
	writeText(t, filepath.Join(state, "schedules.jsonl"), ledger.String())
	return c
}

// ask has a reader who connects anew get an answer.
func (c *keptCouncil) ask() error {
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	return c.guest.ask(ctx, smallQuestion)
}

// drop puts one more edition where it is found, whole.
func (c *keptCouncil) drop() {
	c.t.Helper()
	c.lock.Lock()
	defer c.lock.Unlock()
	year := 2027 + c.editions
	c.editions++
	making := filepath.Join(c.folder, "making")
	if err := os.Mkdir(making, 0o755); err != nil {
		c.t.Fatal(err)
	}
	writeText(c.t, filepath.Join(making, "waste.csv"), fmt.Sprintf("area_code,period,recycled,collected\nE07000001,%d/%02d,%d,100\n", year-1, year%100, year%100))
	if err := os.Rename(making, filepath.Join(c.folder, "drops", fmt.Sprintf("%d-01", year))); err != nil {
		c.t.Fatal(err)
	}
}

// note counts a kill, and the loads that had been acknowledged when it came.
func (c *keptCouncil) note(kind string) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.kills[kind]++
	c.acknowledged = append(c.acknowledged, journalOf(c.folder)...)
}

// kill kills a process that is there.
func (c *keptCouncil) kill(kind string, process int) {
	c.t.Helper()
	c.note(kind)
	if err := syscall.Kill(process, syscall.SIGKILL); err != nil {
		c.t.Errorf("%s, process %d: %v", kind, process, err)
	}
}

// answers waits until readers are answered again after a kill, and notes how long that took.
func (c *keptCouncil) answers(mark int, since time.Time) {
	c.t.Helper()
	_, mark = c.up.after(mark, "a start of the server", started("serve"))
	c.up.after(mark, "serving", said("serving"))
	if err := c.ask(); err != nil {
		c.t.Errorf("a reader, after the server was killed: %v", err)
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	c.slowest = max(c.slowest, time.Since(since))
}

// killServers kills the server at a random moment after it answers or, one time in four, while it starts.
func (c *keptCouncil) killServers(kills int, moments *rand.Rand) {
	for range kills {
		if moments.IntN(4) > 0 {
			wait(moments, 2*time.Second)
		}
		mark, now := c.up.mark(), time.Now()
		c.kill("server", c.up.process("serve"))
		if moments.IntN(4) == 0 {
			c.up.after(mark, "a start of the server", started("serve"))
			wait(moments, 100*time.Millisecond)
			continue
		}
		c.answers(mark, now)
	}
}

// wait lets a random time pass: when a kill comes is what is tried.
func wait(moments *rand.Rand, most time.Duration) {
	<-time.After(time.Duration(moments.Int64N(int64(most))))
}

// killByTheClock kills in turns, at random, the scheduler and a run or backup that it has begun, each so often, and waits for what
// comes of it.
func (c *keptCouncil) killByTheClock(each int, moments *rand.Rand) {
	left := map[string]int{"scheduler": each, "run": each, "backup": each}
	for sum := 3 * each; sum > 0; sum = left["scheduler"] + left["run"] + left["backup"] {
		if moments.IntN(sum) < left["scheduler"] {
			c.killScheduler(moments)
			left["scheduler"]--
		} else if kind := c.killJob(left, moments); kind != "" {
			left[kind]--
		}
	}
}

func (c *keptCouncil) killScheduler(moments *rand.Rand) {
	wait(moments, 1500*time.Millisecond)
	mark := c.up.mark()
	c.kill("scheduler", c.up.process("schedule"))
	_, mark = c.up.after(mark, "a start of the scheduler", started("schedule"))
	c.up.after(mark, "that the end of the scheduler was told", func(l logLine) bool {
		return l.Message == "the supervisor was heard" && l.About == "goldthread schedule"
	})
}

// killJob has a run find a new edition and kills it, or the backup that comes before it, and says which was still at work.
func (c *keptCouncil) killJob(left map[string]int, moments *rand.Rand) (kind string) {
	c.drop()
	line, mark := c.up.after(c.up.mark(), "a start of a run or backup", func(l logLine) bool {
		return l.Message == "a part was started" && left[l.Command] > 0 && l.Schedule != ""
	})
	wait(moments, 500*time.Millisecond)
	if syscall.Kill(line.Process, syscall.SIGKILL) != nil {
		return "" // it has come to its end
	}
	ended, _ := c.up.after(mark, "the end of the "+line.Command, func(l logLine) bool {
		return l.Schedule == line.Schedule && (l.Message == "run was cut short" || l.Message == "run ends")
	})
	if ended.Message == "run ends" {
		return ""
	}
	c.note(line.Command)
	return line.Command
}

// killTheSupervisor kills goldthread up itself and starts it again, as systemd does.
func (c *keptCouncil) killTheSupervisor(kills int, moments *rand.Rand) {
	for range kills {
		wait(moments, time.Second)
		c.note("supervisor")
		now := time.Now()
		if err := c.up.kill(); !wasKilled(err) {
			c.t.Errorf("it ended with %v", err)
		}
		c.logged = append(c.logged, c.up.all()...)
		c.up = startUp(c.t, c.program, c.folder)
		c.answers(0, now)
	}
}

// TestAHundredKillsUnderUpLoseNothing kills servers at random moments and beside that schedulers, runs and backups, and at last the
// supervisor.
func TestAHundredKillsUnderUpLoseNothing(t *testing.T) {
	t.Parallel()
	c := newKeptCouncil(t)
	began := time.Now()
	c.up = startUp(t, c.program, c.folder)
	c.up.heard("serving")
	supervisors := *upKills / 25
	each := (*upKills - supervisors) * 7 / 32 // the server's are as many again and half, beside the others
	random := func(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(*seed, stream)) }
	var killers sync.WaitGroup
	killers.Go(func() { c.killServers(*upKills-supervisors-3*each, random(1)) })
	killers.Go(func() { c.killByTheClock(each, random(2)) })
	killers.Wait()
	if t.Failed() {
		return
	}
	killed := time.Since(began)
	c.killTheSupervisor(supervisors, random(4))
	if err := c.up.stop(); err != nil {
		t.Errorf("goldthread up ended with %v", err)
	}
	c.logged = append(c.logged, c.up.all()...)
	c.checkAlarms(c.expected())
	c.checkState()
	if c.slowest > 10*time.Second {
		t.Errorf("readers were answered again after %s", c.slowest)
	}
	if t.Failed() {
		for _, line := range c.logged {
			t.Log(line.text)
		}
	}
	fmt.Printf("up: kills %d in %.0f s (seed %d): %v, readers answered again within %.1f s, nothing lost, nothing twice and one alarm each unless a failure is told above\n",
		*upKills, killed.Seconds(), *seed, c.kills, c.slowest.Seconds())
}

// expected counts from the log how often it is to be told of each schedule that its run or backup was cut short: once, until one is done.
func (c *keptCouncil) expected() map[string]int {
	open, told := map[string]bool{}, map[string]int{}
	for _, line := range c.logged {
		own := "the schedule " + line.Schedule
		switch {
		case line.Message == "run was cut short" || line.Message == "missed" || line.Message == "run ends" && line.Outcome != "done":
			if !open[own] {
				told[own]++
			}
			open[own] = true
		case line.Message == "run ends":
			open[own] = false
		}
	}
	told["goldthread serve"], told["goldthread schedule"] = 1, 1
	return told
}

// checkAlarms has what waits sent, and wants each problem told once, and that it is over once if at all.
func (c *keptCouncil) checkAlarms(want map[string]int) {
	c.t.Helper()
	schedules, err := filepath.Glob(filepath.Join(c.folder, "schedules", "*.yaml"))
	if err != nil {
		c.t.Fatal(err)
	}
	for _, path := range schedules[1:] { // so that there is not much to make good
		if err := os.Remove(path); err != nil {
			c.t.Fatal(err)
		}
	}
	succeed(c.t, commandWith(c.program, c.folder, "", "schedule", "--once"))
	text, err := os.ReadFile(filepath.Join(c.folder, "alarms.txt"))
	if err != nil {
		c.t.Fatal(err)
	}
	attention, well := map[string]int{}, map[string]int{}
	for line := range strings.Lines(string(text)) {
		_, subject, _ := strings.Cut(line, "Council: ")
		if part, _, found := strings.Cut(subject, " needs attention: "); found {
			attention[part]++
		} else if part, _, found := strings.Cut(subject, " is well again: "); found {
			well[part]++
		} else {
			c.t.Errorf("an alarm says neither: %s", line)
		}
	}
	for part := range attention {
		if attention[part] != want[part] || attention[part]-well[part] < 0 || attention[part]-well[part] > 1 {
			c.t.Errorf("of %s it was told %d times that it needs attention, wanted were %d, and %d times that it is well", part, attention[part], want[part], well[part])
		}
	}
	for part, n := range want {
		if n > 0 && attention[part] == 0 {
			c.t.Errorf("of %s nothing was told", part)
		}
	}
	if c.t.Failed() {
		c.t.Log(string(text))
	}
}

// checkState holds what is there against a council with the same files that was never disturbed.
func (c *keptCouncil) checkState() {
	c.t.Helper()
	mustRun(c.t, c.program, c.folder)
	calm := tinyCouncil(c.t)
	for _, name := range []string{"drops", "goldthread.yaml"} {
		ours := filepath.Join(calm, name)
		if err := errors.Join(os.RemoveAll(ours), exec.Command("cp", "-r", filepath.Join(c.folder, name), ours).Run()); err != nil {
			c.t.Fatal(err)
		}
	}
	mustRun(c.t, c.program, calm)
	want, faults := stateOf(c.t.Context(), calm)
	faults = append(faults, verdict(c.t.Context(), c.folder, c.acknowledged, want)...)
	if len(faults) > 0 {
		c.t.Error(strings.Join(faults, "\n"))
	}
	succeed(c.t, commandWith(c.program, c.folder, "", "backup", "--to", c.backups))
	if got, faults := restoredState(c.t, c.program, c.backups); got != want || len(faults) > 0 {
		c.t.Errorf("the backup, restored: %v%s", faults, difference(want, got))
	}
	if left, err := filepath.Glob(filepath.Join(c.backups, ".making-*")); err != nil || len(left) > 0 {
		c.t.Errorf("backups that were not made whole are left: %v %v", left, err)
	}
}
