package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/disk"
	"github.com/goldthread/goldthread/internal/rights"
	"github.com/goldthread/goldthread/schedules"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse/serve/accounts"
)

// A checkup looks at what the program stands on: the folder's disk, the clock, certificate, accounts and schedules.
type checkup struct {
	p        *program
	settings council.Settings
	state    string
	now      time.Time
	found    []connectors.Finding
}

// soon is how early an end is told.
const soon = 30 * 24 * time.Hour

func (p *program) examineMachine(settings council.Settings) examination {
	c := &checkup{p: p, settings: settings, state: p.warehouseFolder(settings), now: time.Now()}
	c.add("version", true, "goldthread %s on %s, %s", version(), runtime.GOOS, runtime.GOARCH)
	c.folder()
	c.clock()
	c.certificate()
	c.accounts()
	c.schedules()
	return examination{Source: "this machine", Findings: c.found}
}

func (c *checkup) add(tried string, ok bool, format string, args ...any) {
	c.found = append(c.found, connectors.Finding{Tried: tried, Found: fmt.Sprintf(format, args...), OK: ok})
}

// folder looks whether the warehouse's folder can be written, and whether its disk has room for a run.
func (c *checkup) folder() {
	if err := os.MkdirAll(c.state, 0o755); err != nil {
		c.add("folder", false, "%v", err)
		return
	}
	file, err := os.CreateTemp(c.state, "doctor")
	if err == nil {
		err = errors.Join(file.Close(), os.Remove(file.Name()))
	}
	if err != nil {
		c.add("folder", false, "%v", err)
		return
	}
	c.add("folder", true, "%s can be written", c.state)
	room, err := pipeline.RoomFor(c.state, c.settings)
	if err != nil {
		c.add("disk", false, "%v", err)
		return
	}
	c.add("disk", room.Enough(), "%s are free, and a run begins with %s", disk.Words(room.Free), disk.Words(room.Needed))
}

// clock looks whether the clock is behind what the ledger of schedules has seen.
func (c *checkup) clock() {
	events, err := schedules.ReadLedger(c.state)
	if err != nil {
		c.add("clock", false, "%v", err)
		return
	}
	var newest time.Time
	for _, list := range events {
		for _, e := range list {
			if e.At.After(newest) {
				newest = e.At
			}
		}
	}
	ahead := newest.Sub(c.now) > time.Minute
	words := fmt.Sprintf("it is %s in %s", c.now.In(c.settings.Location()).Format("2006-01-02 15:04"), c.settings.TimeZone)
	if ahead {
		words += fmt.Sprintf(", and the ledger of schedules was written to at %s: one of the two clocks was wrong", newest.In(c.settings.Location()).Format("2006-01-02 15:04"))
	}
	c.add("clock", !ahead, "%s", words)
}

func (c *checkup) certificate() {
	s := c.settings.Serve
	if s.Certificate == "" {
		c.add("certificate", true, "none is named under serve: one for trials is made, which Power BI does not take")
		return
	}
	pair, err := tls.LoadX509KeyPair(within(c.p.folder, s.Certificate), within(c.p.folder, s.Key))
	if err != nil {
		c.add("certificate", false, "%v", err)
		return
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		c.add("certificate", false, "%v", err)
		return
	}
	c.add("certificate", leaf.NotAfter.Sub(c.now) > soon && c.now.After(leaf.NotBefore), "for %s, from %s until %s",
		strings.Join(append(leaf.DNSNames, addresses(leaf)...), ", "), leaf.NotBefore.Format(time.DateOnly), leaf.NotAfter.Format(time.DateOnly))
}

func addresses(leaf *x509.Certificate) (list []string) {
	for _, ip := range leaf.IPAddresses {
		list = append(list, ip.String())
	}
	return list
}

// accounts names those that end soon, so that nobody's reports fail on a Monday.
func (c *checkup) accounts() {
	if _, err := os.Stat(accounts.Path(c.state)); err != nil {
		c.add("accounts", true, "there is none; goldthread account add makes one for a BI tool")
		return
	}
	if open, err := rights.OpenToAll(accounts.Path(c.state)); err == nil && open {
		c.add("accounts", false, "everyone on this machine may read %s; to mend it: %s", accounts.Path(c.state), rights.TakeFromAll(accounts.Path(c.state)))
	}
	store, err := accounts.Open(accounts.Path(c.state), func() time.Time { return c.now.In(c.settings.Location()) })
	if err != nil {
		c.add("accounts", false, "%v", err)
		return
	}
	var ending []string
	list := store.List()
	for _, a := range list {
		if last, err := time.Parse(time.DateOnly, a.Expires); err == nil && last.Sub(c.now) < soon {
			ending = append(ending, fmt.Sprintf("%s on %s", a.Name, a.Expires))
		}
	}
	words := count(len(list), "account")
	if len(ending) > 0 {
		words += ", of which end soon or have ended: " + strings.Join(ending, ", ")
	}
	c.add("accounts", len(ending) == 0, "%s", words)
}

func (c *checkup) schedules() {
	list, calendars, settings, err := c.p.planned()
	if err != nil {
		c.add("schedules", false, "%v", err)
		return
	}
	events, err := schedules.ReadLedger(c.state)
	if err != nil {
		c.add("schedules", false, "%v", err)
		return
	}
	complaints := schedules.Complaints(list, events, c.now, settings.Location(), calendars)
	for _, complaint := range complaints {
		c.add("schedules", false, "%s", complaint)
	}
	if len(complaints) == 0 {
		c.add("schedules", true, "%s", count(len(list), "schedule"))
	}
}
