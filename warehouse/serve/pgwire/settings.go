package pgwire

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
	"github.com/goldthread/goldthread/warehouse/serve/catalog"
)

// Settings are a session's, by name in lower case.
type settings map[string]string

// serverVersion is that of the PostgreSQL whose protocol and catalogue are followed: drivers read it as a number.
const serverVersion = "15.0"

// fixed are the settings that no session changes, as a reader of text must be able to count on them.
func fixed(timeZone string) settings {
	return settings{
		"server_version": serverVersion, "server_version_num": "150000", "server_encoding": "UTF8", "client_encoding": "UTF8",
		"datestyle": "ISO, MDY", "timezone": timeZone, "integer_datetimes": "on", "standard_conforming_strings": "on",
		"intervalstyle": "postgres", "is_superuser": "off", "default_transaction_read_only": "on", "transaction_read_only": "on",
		"in_hot_standby": "on", "transaction_isolation": "repeatable read", "max_identifier_length": "63", "max_index_keys": "32",
		"block_size": "8192", "bytea_output": "hex", "lc_collate": "C", "lc_ctype": "C", "lc_messages": "C",
	}
}

// changing are the settings that a session begins with and may change.
var changing = settings{
	"application_name": "", "search_path": "marts, core, meta", "statement_timeout": "0", "extra_float_digits": "1",
	"default_transaction_isolation": "repeatable read", "lock_timeout": "0", "idle_in_transaction_session_timeout": "0",
	"client_min_messages": "notice", "role": "none", "session_authorization": "", "default_transaction_deferrable": "off",
	"row_security": "on", "ssl_renegotiation_limit": "0", "geqo": "on", "jit": "off", "synchronize_seqscans": "on",
}

// shownSettings are those that the catalogue shows.
func shownSettings(timeZone string) catalog.Settings {
	shown := catalog.Settings{}
	maps.Copy(shown, catalog.Settings(changing))
	maps.Copy(shown, catalog.Settings(fixed(timeZone)))
	return shown
}

// reported are the settings that a client is told at the start and whenever they change, spelled as drivers look for them.
var reported = []string{
	"server_version", "server_encoding", "client_encoding", "application_name", "DateStyle", "TimeZone", "IntervalStyle",
	"integer_datetimes", "standard_conforming_strings", "is_superuser", "session_authorization",
	"default_transaction_read_only", "in_hot_standby",
}

// startSettings are those of a session that begins. Unknown ones are kept: drivers ask for what they may need. A release may be
// asked for with options=-c goldthread.release=41 or, where a tool has no options, with a database named goldthread@41.
func startSettings(parameters map[string]string, timeZone string) (settings, error) {
	s := settings{}
	for _, defaults := range []settings{changing, fixed(timeZone)} {
		for name, value := range defaults {
			s[name] = value
		}
	}
	s["session_authorization"] = parameters["user"]
	all := settings{}
	if release, named := strings.CutPrefix(parameters["database"], warehouse.ServedAs+"@"); named {
		all["goldthread.release"] = release
	}
	if err := readOptions(parameters["options"], all); err != nil {
		return nil, err
	}
	for name, value := range parameters {
		if !slices.Contains([]string{"user", "database", "options", "replication"}, name) {
			all[strings.ToLower(name)] = value
		}
	}
	for name, value := range all {
		if _, isFixed := fixed(timeZone)[name]; isFixed {
			if name == "client_encoding" && !isUTF8(value) {
				return nil, refuse(codeNotSupported, "the only encoding of this server is UTF8").hint("set client_encoding to UTF8")
			}
			continue
		}
		if err := s.set(name, value); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func isUTF8(name string) bool {
	name = strings.Trim(strings.ToLower(name), `'"`)
	return name == "utf8" || name == "utf-8" || name == "unicode" || name == "auto"
}

// readOptions reads -c name=value and --name=value; a backslash keeps a blank in a value.
func readOptions(options string, into settings) error {
	words := strings.Fields(strings.ReplaceAll(options, `\ `, "\x00"))
	for i := 0; i < len(words); i++ {
		option := words[i]
		switch {
		case option == "-c" && i+1 < len(words):
			i++
			option = words[i]
		case strings.HasPrefix(option, "-c"):
			option = option[2:]
		case strings.HasPrefix(option, "--"):
			option = option[2:]
		}
		name, value, found := strings.Cut(option, "=")
		if !found {
			return refuse(codeSyntax, "options: %q is not name=value", option)
		}
		into[strings.ToLower(strings.ReplaceAll(name, "-", "_"))] = strings.ReplaceAll(value, "\x00", " ")
	}
	return nil
}

func (s settings) set(name, value string) error {
	if name == "statement_timeout" {
		if _, err := duration(value); err != nil {
			return err
		}
	}
	const longest = 4 << 10
	if len(value) > longest || len(s) > 200 {
		return refuse(codeTooBig, "too many settings, or too long a one")
	}
	s[name] = value
	return nil
}

// statementTimeout is the session's own; none where it is 0.
func (s settings) statementTimeout() time.Duration {
	d, _ := duration(s["statement_timeout"]) // set has checked it
	return d
}

var units = map[string]time.Duration{
	"": time.Millisecond, "us": time.Microsecond, "ms": time.Millisecond, "s": time.Second, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
}

// duration reads what PostgreSQL takes as a time: 500, 30s, 5min.
func duration(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz ")
	unit, known := units[strings.TrimSpace(text[len(digits):])]
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || !known || n < 0 {
		return 0, refuse("22023", "%q is not a time", text).hint("write it in milliseconds, or such as 30s or 5min")
	}
	return time.Duration(n) * unit, nil
}

// report tells the client a setting.
func (s *session) report(name string) {
	s.wire.send(&pgproto3.ParameterStatus{Name: name, Value: s.settings[strings.ToLower(name)]})
}

// isReported gives a setting's spelling where clients are told of it.
func isReported(name string) (string, bool) {
	i := slices.IndexFunc(reported, func(r string) bool { return strings.EqualFold(r, name) })
	if i < 0 {
		return "", false
	}
	return reported[i], true
}

// searchPath is the statement that lets a connection to an engine find names without a schema.
func searchPath(schemas []string) string {
	path := make([]string, len(schemas))
	for i, schema := range schemas {
		path[i] = warehouse.ServedAs + "." + schema
	}
	path = append(path, catalog.SearchPath)
	return "set search_path = " + duckdb.Literal(strings.Join(path, ","))
}
