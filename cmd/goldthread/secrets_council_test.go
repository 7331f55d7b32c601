package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/connectors/lginform/lginformtest"
	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
	"github.com/goldthread/goldthread/connectors/sqldb/tdstest"
)

// A planted council has sources that fail in every way, each with secrets of its own.
type plantedCouncil struct {
	*testing.T
	folder  string
	secrets map[string]string // by the variable, or file:path
}

func plantCouncil(t *testing.T) *plantedCouncil {
	t.Helper()
	c := &plantedCouncil{T: t, folder: tinyCouncil(t), secrets: map[string]string{
		"LGI_TOKEN": "canary-token-0c5Q", "LGI_KEY": "canary+key/0d6R=", "LGI_SECRET": "canary secret&0e7S", "ODD_KEY": `canary"quoted"0f8T`,
		"LGI_FINE": lginformtest.Token, "file:secrets/key": "canary-file-key-14kY", "file:secrets/secret": "canary-file-secret-15lZ",
		"PG_PASSWORD": "canary-pg-10g9U", "PG_WRONG": "canary-pg-wrong-21oC", "PG_QUOTED": "canary:pg@quoted-22pD", "file:secrets/pg": "canary-file-pg-16mA",
		"MARIA_PASSWORD": "canary-maria-11hV", "MARIA_WRONG": "canary-maria-wrong-12iW", "MSSQL_PASSWORD": tdstest.Secret,
		"MSSQL_WRONG": "canary-mssql-wrong-18qE", "ORACLE_PASSWORD": "canary/oracle@19rF", "GONE_PASSWORD": "canary%gone%13jX", "file:secrets/open": "canary-file-open-17nB",
	}}
	for place, secret := range c.secrets {
		if name, inFile := strings.CutPrefix(place, "file:"); inFile {
			c.write(name, secret+"\n")
		}
	}
	if err := os.Chmod(filepath.Join(c.folder, "secrets", "open"), 0o644); err != nil {
		t.Fatal(err)
	}
	c.write("goldthread.yaml", string(c.read("goldthread.yaml"))+"parallel: {in_all: 8, per_host: 8}\n")
	c.write("drops/2026-01/waste.csv", "area_code,period,recycled,collected\nE07000001,2022/23,"+shownCanary+",1000\nE07000001,2021/22,1,2\n")
	c.plantLGInform()
	c.plantDatabases()
	return c
}

func (c *plantedCouncil) write(name, text string) {
	c.Helper()
	path := filepath.Join(c.folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.Fatal(err)
	}
}

func (c *plantedCouncil) read(name string) []byte {
	c.Helper()
	text, err := os.ReadFile(filepath.Join(c.folder, name))
	if err != nil {
		c.Fatal(err)
	}
	return text
}

const lgiSource = `source: %s
kind: lginform
url: %s
allow_loopback: true
%s
datasets:
  - {name: figures, reads: values, metric_types: [1], areas: [E09000022], periods: latest}
`

// plantLGInform adds sources that are answered in every way and sign in in every way. The ways in which an answer may repeat a
// key are tried with each way to sign in, all others with one.
func (c *plantedCouncil) plantLGInform() {
	credentials := []string{
		"application_key_env: LGI_KEY\nsecret_env: LGI_SECRET\nsignature: raw", "application_key_env: LGI_TOKEN",
		"application_key_file: secrets/key\nsecret_file: secrets/secret", "application_key_env: ODD_KEY",
	}
	plain, secure := startEcho(c.T)
	add := func(how, base string, credentials ...string) {
		for i, lines := range credentials {
			name := fmt.Sprintf("lgi_%s_%d", how, i)
			c.write("sources/"+name+".yaml", fmt.Sprintf(lgiSource, name, base+"/"+how+"/", lines))
		}
	}
	for _, how := range []string{"401", "object", "rows", "escaped", "broken"} {
		add(how, plain, credentials...)
	}
	for i, how := range []string{"403", "404", "302", "429", "500", "503", "page", "headers", "cut"} {
		add(how, plain, credentials[i%len(credentials)])
	}
	add("tls", secure, credentials[0])
	c.plantAlerts(plain)
	add("open", plain, "application_key_file: secrets/open")
	add("none", plain, "application_key_env: NOT_SET")
	c.write("sources/lgi_fine.yaml", strings.Replace(fmt.Sprintf(lgiSource, "lgi_fine", lginformtest.New(c.T).URL, "application_key_env: LGI_FINE"), "[1]", "[1072]", 1))
}

// hasty is for sources whose server says nothing, or not what its driver waits for.
const hasty = "connect_timeout: 1s"

// plantAlerts adds alarms that nobody takes: an address is a secret as a whole, and so is the part that lets one in.
func (c *plantedCouncil) plantAlerts(base string) {
	c.secrets["HOOK_TOKEN"], c.secrets["PING_TOKEN"], c.secrets["MAIL_PASSWORD"] = "canary-hook-23tI", "canary-ping-24uJ", "canary-mail-25vK"
	c.secrets["HOOK_URL"] = base + "/404/?sig=" + c.secrets["HOOK_TOKEN"]
	c.secrets["PING_URL"] = base + "/302/" + c.secrets["PING_TOKEN"]
	c.write("goldthread.yaml", string(c.read("goldthread.yaml"))+"alerts:\n  to: [performance@council.example]\n"+
		"  mail: {server: \"127.0.0.1:1\", from: goldthread@council.example, user: goldthread, password_env: MAIL_PASSWORD}\n"+
		"  webhooks: [{url_env: HOOK_URL, form: json}]\n  ping_env: PING_URL\n")
}

// database adds a source over one table of a database. Lines of settings may give what the others do not.
func (c *plantedCouncil) database(name, table string, lines ...string) {
	text := "source: " + name + "\nkind: sqldb\n" + strings.Join(lines, "\n") +
		"\ndatasets:\n  - {name: things, table: " + table + ", mode: snapshot, key: [id], columns: {id: {type: integer}}}\n"
	if !strings.Contains(text, "tries: ") {
		text += "tries: 1\n"
	}
	c.write("sources/"+name+".yaml", text)
}

func at(engine string, port int, user string) string {
	return fmt.Sprintf("engine: %s\nhost: 127.0.0.1\nport: %d\ndatabase: council\nuser: %s", engine, port, user)
}

// plantDatabases adds sources of each engine, of which few can be read.
func (c *plantedCouncil) plantDatabases() {
	refusing, echo, mute := 1, startTCP(c.T, mirror), startTCP(c.T, silent)
	for engine, password := range map[string]string{"postgresql": "PG_PASSWORD", "mariadb": "MARIA_PASSWORD", "sqlserver": "MSSQL_PASSWORD", "oracle": "ORACLE_PASSWORD"} {
		c.database(engine+"_gone", "things", at(engine, refusing, "reader"), "password_env: GONE_PASSWORD")
		c.database(engine+"_garbled", "things", at(engine, echo, "reader"), "password_env: "+password, `tls: "off"`, hasty)
		c.database(engine+"_untls", "things", at(engine, echo, "reader"), "password_env: "+password, hasty)
		c.database(engine+"_open", "things", at(engine, echo, "reader"), "password_file: secrets/open")
	}
	c.database("oracle_silent", "things", at("oracle", mute, "reader"), "password_env: ORACLE_PASSWORD", hasty)
	c.database("oracle_again", "things", at("oracle", echo, "reader"), "password_env: ORACLE_PASSWORD", "tries: 2")
	c.database("pg_quoted", "things", at("postgresql", startTCP(c.T, quotingPostgreSQL), "reader"), "password_env: PG_QUOTED", `tls: "off"`)
	c.plantSQLServer()
	if server := sqldbtest.StartPostgreSQLWithTLS(c.T); server != nil {
		server.Exec(c.T, "create table things (id integer primary key); insert into things values (1); create table hidden (id integer primary key); "+
			"create role reader login password '"+c.secrets["PG_PASSWORD"]+"'; grant select on things to reader")
		c.server("pg", server, "PG_PASSWORD", "PG_WRONG")
		c.database("pg_file", "things", strings.Replace(at("postgresql", server.TCPPort, "reader"), "council", server.Database, 1), "password_file: secrets/pg", "ca_file: secrets/pg.pem")
	}
	if server := sqldbtest.StartMariaDBWithTLS(c.T); server != nil {
		for _, statement := range []string{
			"create table things (id integer primary key)", "insert into things values (1)", "create table hidden (id integer primary key)",
			"create user reader identified by '" + c.secrets["MARIA_PASSWORD"] + "'", "grant select on things to reader",
		} {
			server.Exec(c.T, statement)
		}
		c.server("maria", server, "MARIA_PASSWORD", "MARIA_WRONG")
	}
}

// server adds sources over a server with TLS: one that is fine, and those that are refused or that refuse it. Its private key
// stands beside its certificate, as people leave it there.
func (c *plantedCouncil) server(name string, server *sqldbtest.Server, password, wrong string) {
	key, err := os.ReadFile(strings.TrimSuffix(server.CAFile, ".pem") + ".key")
	if err != nil {
		c.Fatal(err)
	}
	pem := "secrets/" + name + ".pem"
	c.write(pem, string(c.readAt(server.CAFile))+string(key))
	c.write("secrets/"+name+".key", string(key))
	c.secrets["file:"+pem] = strings.Split(string(key), "\n")[1]
	here := strings.Replace(at(server.Engine, server.TCPPort, "reader"), "council", server.Database, 1)
	c.database(name+"_fine", "things", here, "password_env: "+password, "ca_file: "+pem)
	c.database(name+"_wrong", "things", here, "password_env: "+wrong, "ca_file: "+pem)
	c.database(name+"_user", "things", strings.Replace(here, "user: reader", "user: nobody", 1), "password_env: "+password, "ca_file: "+pem)
	c.database(name+"_right", "hidden", here, "password_env: "+password, "ca_file: "+pem)
	c.database(name+"_table", "absent", here, "password_env: "+password, "ca_file: "+pem)
	c.database(name+"_certificate", "things", here, "password_env: "+password)
	c.database(name+"_key", "things", here, "password_env: "+password, "ca_file: secrets/"+name+".key")
	c.database(name+"_base", "things", strings.Replace(here, "database: ", "database: not_", 1), "password_env: "+password, "ca_file: "+pem)
}

func (c *plantedCouncil) readAt(path string) []byte {
	c.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		c.Fatal(err)
	}
	return text
}

// plantSQLServer adds sources over the stand-in.
func (c *plantedCouncil) plantSQLServer() {
	table := func() *tdstest.Table {
		return &tdstest.Table{Columns: tdstest.ColumnsOf("id int not null"), Key: "id", Rows: [][]any{{1}, {2}}}
	}
	add := func(name string, server *tdstest.Server, lines ...string) {
		c.database("mssql_"+name, "dbo.cases", append(lines, at("sqlserver", server.Port, tdstest.User))...)
	}
	fine := table().Serve(c.T, tdstest.Required)
	trusted, password := "ca_file: "+fine.CAFile, "password_env: MSSQL_PASSWORD"
	add("fine", fine, password, trusted)
	add("wrong", fine, "password_env: MSSQL_WRONG", trusted)
	add("certificate", fine, password)
	add("quoted", quotingSQLServer(c.T), password, trusted)
	cut := table()
	cut.Fails = func(int) tdstest.Answer { return tdstest.Answer{Cut: tdstest.Reset, After: 1} }
	add("cut", cut.Serve(c.T, tdstest.Plain), password, `tls: "off"`)
	late := table()
	late.Fails = func(int) tdstest.Answer { return tdstest.Answer{Cut: tdstest.Silence, After: 1} }
	add("silent", late.Serve(c.T, tdstest.Plain), password, `tls: "off"`, "silence: 1s")
	locked := table()
	locked.Fails = func(int) tdstest.Answer { return tdstest.Answer{Error: &tdstest.Deadlock} }
	add("deadlock", locked.Serve(c.T, tdstest.Plain), password, `tls: "off"`)
}
