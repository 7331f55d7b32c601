package sqldb

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// Config is the settings of a source of kind sqldb.
type Config struct {
	// Source is the name of the source, by which runs select it.
	Source string `yaml:"source"`
	// Kind is sqldb.
	Kind string `yaml:"kind"`
	// Engine is the database's: postgresql, mysql or mariadb.
	Engine string `yaml:"engine"`
	// Host is the server's name, or the path of a socket on this machine.
	Host string `yaml:"host"`
	// Port is the server's; the engine's usual one where nothing is said.
	Port int `yaml:"port"`
	// Database is the name of the database.
	Database string `yaml:"database"`
	// User is the account, which needs no more than to read.
	User string `yaml:"user"`
	// PasswordEnv is the variable of the environment, in capitals, that holds the account's password.
	PasswordEnv string `yaml:"password_env"`
	// PasswordFile is a file that holds it, in the place of a variable.
	PasswordFile string `yaml:"password_file"`
	// SignIn is password or, with SQL Server, windows: as the account that Goldthread runs under on Windows.
	SignIn string `yaml:"sign_in"`
	// TLS is verify, or off.
	TLS string `yaml:"tls"`
	// CAFile is a file of the certificates to trust beside or instead of the machine's own.
	CAFile string `yaml:"ca_file"`
	// TimeZone is that of the source's dates and times without an offset; the council's where it is empty.
	TimeZone string `yaml:"time_zone"`
	// ConnectTimeout is how long a connection may take to come about.
	ConnectTimeout string `yaml:"connect_timeout"`
	// Timeout is how long a statement may take.
	Timeout string `yaml:"timeout"`
	// Silence is how long the server may send nothing.
	Silence string `yaml:"silence"`
	// LockTimeout is how long a statement may wait for a lock of others.
	LockTimeout string `yaml:"lock_timeout"`
	// BatchRows is how many rows are taken at once.
	BatchRows int `yaml:"batch_rows"`
	// Pause is how long to wait between two batches, for the sake of a busy server.
	Pause string `yaml:"pause"`
	// Tries is how often a reading is tried that broke for a reason that may pass.
	Tries int `yaml:"tries"`
	// Datasets are what is read.
	Datasets []Settings `yaml:"datasets"`
}

// Settings are those of one dataset.
type Settings struct {
	connectors.Contract
	// Table is a table or view, with its schema before a dot where it needs one.
	Table string `yaml:"table"`
	// SQL is the path of a file with one select, in the place of a table.
	SQL string `yaml:"sql"`
	// Cursor names the column by which changed rows are known.
	Cursor CursorTerms `yaml:"cursor"`
	// FullComparison is how often everything is read beside what changed: daily, weekly, monthly or never.
	FullComparison string `yaml:"full_comparison"`
	// Totals are the columns whose sums are compared with the source's.
	Totals strictyaml.Texts `yaml:"totals"`
}

// CursorTerms say by which column changed rows are known.
type CursorTerms struct {
	// Column is the column.
	Column string `yaml:"column"`
	// Fallback is looked at where the column is null.
	Fallback string `yaml:"fallback"`
	// LookBack is a time such as 2h, or for numbers a count such as 1000.
	LookBack string `yaml:"look_back"`
}

const (
	tlsVerify = "verify"
	tlsOff    = "off"

	byPassword = "password"
	asWindows  = "windows"
	mostBatch  = 1 << 17
	mostTries  = 10
)

// Default is the settings before a file is read.
func Default() connectors.Config {
	return &Config{
		TLS: tlsVerify, ConnectTimeout: "15s", Timeout: "30m", Silence: "5m", LockTimeout: "10s", BatchRows: 16 << 10, Pause: "0s", Tries: 3,
	}
}

// comparisons are the words full_comparison may be, with the days between two of them.
var comparisons = map[string]int{"daily": 1, "weekly": 7, "monthly": 28, "never": 0}

func (c *Config) password() connectors.SecretPlace {
	return connectors.SecretPlace{Env: c.PasswordEnv, File: c.PasswordFile}
}

// Validate names all that is wrong with the settings.
func (c *Config) Validate(at *strictyaml.Positions) error {
	i := connectors.Inspect(at)
	i.OneOf("engine", c.Engine, engineNames(), true)
	c.names(i)
	if c.Port < 0 || c.Port > 65535 {
		i.Fault("port", "write a number from 1 to 65535, or leave it out for the engine's usual one", "port is %d", c.Port)
	}
	c.password().Check(i, "password")
	i.OneOf("tls", c.TLS, []string{tlsVerify, tlsOff}, true)
	if c.TLS == tlsOff && c.CAFile != "" {
		i.Fault("ca_file", "leave it out, or set tls to verify", "ca_file has no meaning with tls: off")
	}
	c.signIn(i)
	c.amounts(i)
	contracts := make([]connectors.Contract, len(c.Datasets))
	for n, s := range c.Datasets {
		s.check(i, fmt.Sprintf("datasets[%d]", n))
		contracts[n] = s.Contract
	}
	i.Contracts(contracts)
	return i.Err()
}

// names adds the faults of who and where. They are told in places and warnings, so none may be an address or a string of
// settings with the password in it; what such a one holds is not told here either.
func (c *Config) names(i *connectors.Inspector) {
	for _, one := range []struct{ name, text, not string }{
		{"host", c.Host, "@;=?"}, {"database", c.Database, "@;=?/"}, {"user", c.User, ";=/:"},
	} {
		switch {
		case one.name == "user" && c.SignIn == asWindows:
		case one.text == "":
			i.Fault(one.name, "add "+one.name+", as whoever runs the database gives it", "%s is not given", one.name)
		case strings.ContainsAny(one.text, one.not) && !isSocket(one.text):
			i.Fault(one.name, "write the name alone; if there is a password in it, take it out of the file and have it changed",
				"%s is more than a name", one.name)
		}
	}
}

// signIn adds the faults of how it signs in.
func (c *Config) signIn(i *connectors.Inspector) {
	i.OneOf("sign_in", c.SignIn, []string{byPassword, asWindows}, false)
	switch {
	case c.SignIn != asWindows:
	case c.Engine != "sqlserver":
		i.Fault("sign_in", "leave it out and give user and password_env", "only SQL Server can be signed in to as Windows does")
	case c.User != "" || c.PasswordEnv != "" || c.PasswordFile != "":
		i.Fault("sign_in", "leave them out, or leave sign_in out and give the password", "user and password have no meaning for the account that Goldthread runs under")
	}
}

// amounts adds the faults of times and numbers.
func (c *Config) amounts(i *connectors.Inspector) {
	for _, t := range []struct {
		name, text string
		least      time.Duration
	}{
		{"connect_timeout", c.ConnectTimeout, time.Second}, {"timeout", c.Timeout, time.Second},
		{"silence", c.Silence, time.Second}, {"lock_timeout", c.LockTimeout, time.Millisecond}, {"pause", c.Pause, 0},
	} {
		if d, err := time.ParseDuration(t.text); err != nil || d < t.least {
			i.Fault(t.name, fmt.Sprintf("write a time of %s or more, such as 30s or 10m", t.least), "%s is %q", t.name, t.text)
		}
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil {
		i.Fault("time_zone", "write it like Europe/London or UTC", "time_zone is %q", c.TimeZone)
	}
	if c.BatchRows < 1 || c.BatchRows > mostBatch {
		i.Fault("batch_rows", fmt.Sprintf("write a number from 1 to %d", mostBatch), "batch_rows is %d", c.BatchRows)
	}
	if c.Tries < 1 || c.Tries > mostTries {
		i.Fault("tries", fmt.Sprintf("write a number from 1 to %d", mostTries), "tries is %d", c.Tries)
	}
}

// check adds the faults of a dataset that are this kind's own.
func (s Settings) check(i *connectors.Inspector, place string) {
	switch {
	case (s.Table == "") == (s.SQL == ""):
		i.Fault(place, "give one of them: table, a table or view, or sql, the path of a file with one select", "a dataset reads either a table or the query of a file")
	case s.SQL != "" && !fs.ValidPath(s.SQL):
		i.Fault(place+".sql", "write a path within the council's folder with /, such as sources/tenancies.sql", "sql is %q", s.SQL)
	}
	if s.OnNewColumn == "add" && s.SQL != "" {
		i.Fault(place+".on_new_column", "set it to ignore or refuse", "a query's own columns are those of its file")
	}
	columns := s.Columns.Keys()
	for n, name := range s.Totals {
		if !slices.Contains(columns, name) {
			i.Fault(fmt.Sprintf("%s.totals[%d]", place, n), "name a column of the contract", "there is no column %q", name)
		}
	}
	s.checkCursor(i, place)
}

// checkCursor adds the faults of cursor and full comparison.
func (s Settings) checkCursor(i *connectors.Inspector, place string) {
	given := s.Cursor != CursorTerms{}
	if _, known := comparisons[s.FullComparison]; !known && s.FullComparison != "" {
		i.OneOf(place+".full_comparison", s.FullComparison, []string{"daily", "weekly", "monthly", "never"}, true)
	}
	switch {
	case s.Mode == connectors.Snapshot && given:
		i.Fault(place+".cursor", "leave it out, or set mode to increment", "a snapshot reads everything and needs no cursor")
	case s.Mode == connectors.Increment && s.Cursor.Column == "":
		i.Fault(place+".cursor", "add cursor: {column: …}, or set mode to snapshot", "an increment needs a column by which changed rows are known")
	case given && s.Cursor.Column == "":
		i.Fault(place+".cursor.column", "add column", "the cursor names no column")
	}
	if s.Mode == connectors.Increment && len(s.Key) == 0 {
		i.Fault(place+".key", "add key: the columns that tell one row from another", "without a key a changed row cannot be told from a new one")
	}
	if s.Mode != connectors.Increment && s.FullComparison != "" {
		i.Fault(place+".full_comparison", "leave it out", "full_comparison has a meaning for mode increment alone")
	}
	if _, err := parseLookBack(s.Cursor.LookBack); err != nil {
		i.Fault(place+".cursor.look_back", "write a time such as 2h, or a count such as 1000 for a column of numbers", "look_back is %q", s.Cursor.LookBack)
	}
}

// defaultLookBack passes over the hour that clocks repeat in autumn, and over transactions as long as it once more.
var defaultLookBack = lookBack{Time: 2 * time.Hour, Units: 1000}

func parseLookBack(text string) (lookBack, error) {
	if text == "" {
		return defaultLookBack, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
		return lookBack{Units: n}, nil
	}
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = fmt.Errorf("a negative time")
	}
	return lookBack{Time: d}, err
}

// Open gives the source. Neither the server nor the secret is touched.
func (c *Config) Open(deps connectors.Deps) (connectors.Source, error) {
	s := &Source{config: *c, deps: deps, dialect: engines[c.Engine], wait: waitFor}
	s.zone = deps.Zone
	if c.TimeZone != "" {
		zone, err := time.LoadLocation(c.TimeZone)
		if err != nil {
			return nil, err
		}
		s.zone = zone
	}
	if s.zone == nil {
		s.zone = time.UTC
	}
	for _, d := range c.Datasets {
		ds := d.Dataset(c.Source)
		if d.Cursor.Column != "" && d.VolumeGuard.Settings == nil && ds.Volume != nil {
			ds.Volume.OfWhole = true
		}
		s.tables = append(s.tables, table{Settings: d, dataset: ds})
	}
	return s, nil
}

// target is where and how sessions are opened, but for the password.
func (s *Source) target(l *line) target {
	c := s.config
	t := target{
		Host: c.Host, Port: c.Port, Database: c.Database, User: c.User, AsWindows: c.SignIn == asWindows, Zone: s.zone.String(),
		ConnectTimeout: duration(c.ConnectTimeout), StatementTimeout: duration(c.Timeout), LockTimeout: duration(c.LockTimeout),
		Dial: l.dialer(duration(c.Silence)), TLS: tlsTerms{off: c.TLS == tlsOff || isSocket(c.Host), host: c.Host, caFile: c.CAFile},
	}
	if t.Port == 0 {
		t.Port = s.dialect.port()
	}
	if c.CAFile != "" && !filepath.IsAbs(c.CAFile) {
		t.TLS.caFile = filepath.Join(s.deps.Root, filepath.FromSlash(c.CAFile))
	}
	return t
}

// duration is a setting that Validate has read.
func duration(text string) time.Duration {
	d, _ := time.ParseDuration(text)
	return d
}

// isSocket says whether a host is a socket on this machine, given by its path.
func isSocket(host string) bool { return strings.HasPrefix(host, "/") }
