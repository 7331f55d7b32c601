package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/neterr"
	"github.com/goldthread/goldthread/schedules"
	"github.com/goldthread/goldthread/schedules/alarms"
	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/serve/audit"
	"github.com/goldthread/goldthread/warehouse/serve/pgwire"
	"github.com/goldthread/goldthread/warehouse/serve/web"
)

// A statusPage is the server of it and where it listens; nil where there is none.
type statusPage struct {
	*web.Server
	listener net.Listener
	secure   bool
}

// openPage opens the address of the status page. That another program has the usual address keeps no BI tool from the releases:
// then there is no page, which is told. One that the settings name must be free.
func (p *program) openPage(ctx context.Context, s *service, readers net.Addr) (*statusPage, error) {
	address := s.settings.Serve.Web.Listen
	if address == council.Off {
		return nil, nil
	}
	config := web.Config{
		Council: s.settings.Name, State: s.state, Releases: warehouse.NewReleases(s.state), Zone: s.settings.Location(),
		Readers: readers.String(), Version: version(), Clock: p.clock, Engine: s.server.Answers, Metrics: s.metrics,
		Accounts: s.accounts, Audit: pageAudit{s.audit}, Now: time.Now, Log: s.server.Log,
	}
	if s.trial == "" { // a secret goes to no server that the browser cannot tell from another
		config.TLS = s.server.TLS
	}
	server := web.New(config)
	listener, err := server.Listen(ctx, address)
	if neterr.InUse(err) && address == council.PageAddress {
		s.server.Log.Warn().Str("address", address).Msg("there is no status page: another program listens at its address")
		fmt.Fprintf(p.term.errors, "There is no status page: another program listens on %s already.\n  fix: name a free port under serve.web.listen in goldthread.yaml\n", address)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &statusPage{server, listener, !isLoopback(listener.Addr())}, nil
}

func isLoopback(address net.Addr) bool {
	at, isTCP := address.(*net.TCPAddr)
	return isTCP && at.IP.IsLoopback()
}

// url is what a person types into a browser; empty where there is no page.
func (s *statusPage) url() string {
	if s == nil {
		return ""
	}
	scheme := "http"
	if s.secure {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(s.listener.Addr().String())
	if err != nil {
		return ""
	}
	return scheme + "://" + net.JoinHostPort(reachable(host), port) + "/"
}

// answer answers browsers until the context ends.
func (s *statusPage) answer(ctx context.Context) error {
	if s == nil {
		<-ctx.Done()
		return nil
	}
	return s.Serve(ctx, s.listener)
}

func (s *statusPage) close() error {
	if s == nil {
		return nil
	}
	return s.listener.Close()
}

// clock says how what runs by the clock stands, as schedule list and status --check do. Where nothing does, nothing is amiss.
func (p *program) clock() (web.Clock, error) {
	list, calendars, settings, err := p.planned()
	if err != nil || len(list) == 0 {
		return web.Clock{}, err
	}
	events, err := schedules.ReadLedger(p.warehouseFolder(settings))
	if err != nil {
		return web.Clock{}, err
	}
	complaints, err := p.complaints(list, events, settings, calendars)
	clock := web.Clock{Complaints: complaints}
	for _, one := range schedules.Standings(list, events, time.Now(), settings.Location(), calendars) {
		line := web.Schedule{Name: one.Schedule, When: one.When, Next: one.Next, Outcome: one.Said()}
		if one.Last != nil {
			line.Last = one.Last.At
		}
		clock.Schedules = append(clock.Schedules, line)
	}
	return clock, err
}

// measured are the metrics of the service, whose server there is by the time that they are asked for.
func (p *program) measured(s *service) *web.Metrics {
	return web.NewMetrics(web.Measured{
		State: s.state, Version: version(), Releases: warehouse.NewReleases(s.state),
		Sessions: func() int { return s.server.Sessions() }, Running: func() int { return s.server.Running() }, Clock: p.clock,
		Alarms: func() (open, waiting int, err error) {
			c, err := alarms.CountIn(s.state)
			return c.Open, c.Waiting, err
		},
		Log: s.log,
	})
}

// A countedAudit keeps entries in the log that no line can be taken out of, and counts them.
type countedAudit struct {
	log     *audit.Log
	metrics *web.Metrics
}

func (c countedAudit) keep(e audit.Entry) error {
	c.metrics.Count(e.Action, e.Outcome)
	return c.log.Append(e)
}

// A toolAudit keeps what BI tools ask.
type toolAudit struct{ countedAudit }

// Append keeps an entry.
func (a toolAudit) Append(e pgwire.Entry) error { return a.keep(audit.Entry(e)) }

// A pageAudit keeps who signs in to the pages, and which they see.
type pageAudit struct{ countedAudit }

// Append keeps an entry.
func (a pageAudit) Append(e web.Entry) error {
	return a.keep(audit.Entry{
		At: e.At, Account: e.Account, From: e.From, Application: "status page", Audience: e.Audience, Release: e.Release,
		Action: e.Action, Fingerprint: e.Page, Outcome: e.Outcome,
	})
}
