package main

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
	"github.com/goldthread/goldthread/warehouse/serve/accounts"
	"github.com/goldthread/goldthread/warehouse/serve/audit"
	"github.com/goldthread/goldthread/warehouse/serve/catalog"
	"github.com/goldthread/goldthread/warehouse/serve/gate"
	"github.com/goldthread/goldthread/warehouse/serve/pgwire"
	"github.com/goldthread/goldthread/warehouse/serve/web"
)

func newServe(p *program) *cobra.Command {
	var asked council.Serve
	var supervised bool
	c := &cobra.Command{
		Use:   "serve",
		Short: "Let BI tools read the releases, over the PostgreSQL protocol",
		Long: "Answers Power BI, psql, DBeaver, R, Python and all that speaks to PostgreSQL from the current release, until it is stopped.\n" +
			"It only reads: runs go on beside it, and new connections see a new release at once. Settings are under serve: in\n" +
			"goldthread.yaml; a flag wins over them. docs/connect.md has the way in for each tool.",
		Example: `  goldthread serve
  goldthread serve --listen 0.0.0.0:5432 --certificate council.pem --key council.key`,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, end := untilLeft(c.Context(), supervised)
			defer end()
			return p.serve(ctx, asked)
		},
	}
	superviseFlag(c, &supervised)
	c.AddCommand(newServeCheck(p))
	flags := c.Flags()
	flags.StringVar(&asked.Listen, "listen", "", "`host:port` to listen on; 127.0.0.1:5432 unless goldthread.yaml says otherwise")
	flags.StringVar(&asked.Web.Listen, "web", "", "`host:port` of the status page, or off; "+council.PageAddress+" unless goldthread.yaml says otherwise")
	flags.StringVar(&asked.Certificate, "certificate", "", "PEM `file` of the council's certificate; one for trials is made where none is named")
	flags.StringVar(&asked.Key, "key", "", "PEM `file` of the certificate's key")
	flags.StringVar(&asked.MemoryLimit, "memory", "", "memory `limit` of each release and audience that is read, such as 1GB")
	flags.IntVar(&asked.Threads, "threads", 0, "`threads` of the engine")
	return c
}

// A service is what serves the council's releases, before it listens.
type service struct {
	settings council.Settings
	state    string
	server   *pgwire.Server
	accounts *accounts.Store
	audit    countedAudit
	metrics  *web.Metrics
	log      zerolog.Logger
	trial    string // file of a certificate of our own making, if it is one
}

func (p *program) serve(ctx context.Context, asked council.Serve) (err error) {
	settings, err := p.serveSettings(asked)
	if err != nil {
		return err
	}
	state := p.warehouseFolder(settings)
	if err := os.MkdirAll(filepath.Join(state, "serve"), 0o700); err != nil {
		return err
	}
	lock, err := onlyServer(state)
	if err != nil {
		return err
	}
	defer lock.Close()
	log, err := p.logWriter(state)
	if err != nil {
		return err
	}
	defer log.Close()
	kept, err := audit.Open(audit.Path(state))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	s, err := p.service(settings, state, kept, zerolog.New(log).With().Timestamp().Logger())
	if err != nil {
		return err
	}
	return p.answer(ctx, s)
}

// answer answers BI tools, and browsers beside them, until the context ends.
func (p *program) answer(ctx context.Context, s *service) error {
	listener, err := s.server.Listen(ctx, s.settings.Serve.Listen)
	if err != nil {
		return err
	}
	page, err := p.openPage(ctx, s, listener.Addr())
	if err == nil {
		err = p.printServing(s, listener.Addr(), page)
	}
	if err != nil {
		return errors.Join(err, page.close(), listener.Close())
	}
	s.log.Info().Str("address", listener.Addr().String()).Str("page", page.url()).Int("goroutines", runtime.NumGoroutine()).Msg("serving")
	ctx, end := context.WithCancel(ctx)
	defer end()
	paged := make(chan error, 1)
	go func() {
		defer end() // a page that fails must not go unseen: whoever supervises starts both again
		paged <- page.answer(ctx)
	}()
	err = s.server.Serve(ctx, listener)
	end()
	err = errors.Join(err, <-paged)
	s.log.Info().Err(err).Int("goroutines", runtime.NumGoroutine()).Msg("serving ended")
	return err
}

// serveSettings are those of goldthread.yaml with what the flags say instead.
func (p *program) serveSettings(asked council.Serve) (council.Settings, error) {
	settings, err := p.settings()
	if err != nil {
		return settings, err
	}
	for _, one := range []struct{ flag, setting *string }{
		{&asked.Listen, &settings.Serve.Listen}, {&asked.Web.Listen, &settings.Serve.Web.Listen}, {&asked.Certificate, &settings.Serve.Certificate},
		{&asked.Key, &settings.Serve.Key}, {&asked.MemoryLimit, &settings.Serve.MemoryLimit},
	} {
		if *one.flag != "" {
			*one.setting = *one.flag
		}
	}
	if asked.Threads != 0 {
		settings.Serve.Threads = asked.Threads
	}
	if err := settings.Validate(func(setting string) string { return setting }); err != nil {
		return settings, exit{exitUsage, err}
	}
	return settings, nil
}

// onlyServer holds the council's folder for one server: guesses at secrets are counted, and the audit is chained, in one.
func onlyServer(state string) (*flock.Flock, error) {
	return onlyOne(filepath.Join(state, "serve", "lock"), "another goldthread serve is at work on this council's releases",
		"one server answers all readers: end the other one, or connect to it")
}

func (p *program) service(settings council.Settings, state string, kept *audit.Log, log zerolog.Logger) (*service, error) {
	s := &service{settings: settings, state: state, log: log}
	s.metrics = p.measured(s)
	s.audit = countedAudit{kept, s.metrics}
	spill := filepath.Join(state, "serve", "spill")
	if err := os.RemoveAll(spill); err != nil { // of a server that was killed
		return nil, err
	}
	if err := os.Mkdir(spill, 0o700); err != nil {
		return nil, err
	}
	encryption, err := s.certificate(p.folder)
	if err != nil {
		return nil, err
	}
	if s.accounts, err = accounts.Open(accounts.Path(state), func() time.Time { return time.Now().In(settings.Location()) }); err != nil {
		return nil, err
	}
	limits := pgwire.DefaultLimits()
	limits.Connections, limits.Running, limits.Statement = settings.Serve.Connections, settings.Serve.Statements, settings.Serve.Timeout()
	s.server = pgwire.New(pgwire.Config{
		Releases: warehouse.NewReleases(state),
		Accounts: s.accounts,
		Gate:     checked,
		Audit:    toolAudit{s.audit},
		Engine: duckdb.Settings{MemoryLimit: settings.Serve.MemoryLimit, Threads: settings.Serve.Threads, TempFolder: spill,
			TempLimit: settings.Serve.DiskLimit, TimeZone: settings.TimeZone},
		Limits: limits, Whole: settings.Serve.Results == council.Whole, TLS: encryption, Now: time.Now, Log: log,
	})
	return s, nil
}

// certificate gives the council's, or makes one for trials.
func (s *service) certificate(folder string) (config *tls.Config, err error) {
	if cert, key := s.settings.Serve.Certificate, s.settings.Serve.Key; cert != "" {
		return pgwire.CertificateFiles(within(folder, cert), within(folder, key))
	}
	names := []string{"localhost", "127.0.0.1", "::1"}
	if host, err := os.Hostname(); err == nil {
		names = append(names, host)
	}
	config, s.trial, err = pgwire.TrialCertificate(filepath.Join(s.state, "serve"), time.Now(), names...)
	return config, err
}

func within(folder, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}

// catalogued lets through what reads the release, and the catalogue that tools look it up in.
var catalogued = gate.Gate{
	Schemas: catalog.Schemas(), Functions: catalog.Functions(), TableFunctions: catalog.TableFunctions(), Tables: catalog.Tables(),
}

// checked asks the gate whether a statement only reads the release.
func checked(ctx context.Context, conn *sql.Conn, statement string) (pgwire.Checked, error) {
	found, err := catalogued.Check(ctx, conn, statement)
	var refusal *gate.Refusal
	if errors.As(err, &refusal) {
		return pgwire.Checked{}, &pgwire.Refusal{SQLState: refusal.SQLState, Message: refusal.What, Hint: refusal.Fix}
	}
	return pgwire.Checked{Fingerprint: found.Fingerprint}, err
}

// printServing says where readers connect, and what they would miss.
func (p *program) printServing(s *service, address net.Addr, page *statusPage) error {
	current, err := warehouse.NewReleases(s.state).Current()
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(map[string]any{"address": address.String(), "release": current, "trial_certificate": s.trial, "accounts": len(s.accounts.List()), "page": page.url()})
	}
	out := p.term.out
	host, port, err := net.SplitHostPort(address.String())
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: readers are answered on %s until you end this with Ctrl-C.\n", s.settings.Name, address)
	fmt.Fprintf(out, "  psql \"host=%s port=%s dbname=goldthread user=NAME sslmode=require\"\n", reachable(host), port)
	if url := page.url(); url != "" {
		fmt.Fprintf(out, "How things stand, for people: %s\n", url)
	}
	warn := p.term.paint("warning: ", text.FgYellow)
	if s.trial != "" {
		fmt.Fprintf(out, "%s%s was made for trials: psql, R and Python take it with sslmode=require, Power BI does not until the council's\n"+
			"  own is named under serve: in goldthread.yaml, or Windows is told to trust this one (docs/power-bi.md)\n", warn, s.trial)
	}
	if current == 0 {
		fmt.Fprintf(out, "%snothing has been released yet; readers are let in once goldthread run has made a release\n", warn)
	}
	if len(s.accounts.List()) == 0 {
		fmt.Fprintf(out, "%sthere is no account yet, so nobody can sign in: goldthread account add NAME --audience staff\n", warn)
	}
	return nil
}

// reachable is the host to connect to on this machine where all addresses are listened on.
func reachable(host string) string {
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		return "localhost"
	}
	return host
}
