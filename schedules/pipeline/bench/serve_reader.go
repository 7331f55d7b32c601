package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// A reader asks one of the two servers.
type reader struct {
	config     *pgconn.Config
	table      string
	encryption string
	process    int // of the server; 0 where each connection has its own
	stop       func() error
}

// startServer starts goldthread serve over a council's folder, with an account.
func startServer(ctx context.Context, program, folder string) (*reader, error) {
	secret, err := addAccount(ctx, program, folder, "bench")
	if err != nil {
		return nil, err
	}
	return serveFolder(ctx, program, folder, "bench:"+secret)
}

// addAccount adds an account and gives its secret.
func addAccount(ctx context.Context, program, folder, name string) (secret string, err error) {
	var account struct {
		Secret string `json:"secret"`
	}
	text, err := exec.CommandContext(ctx, program, "account", "add", name, "--audience", "staff", "--json", "-C", folder).Output()
	if err == nil {
		err = json.Unmarshal(text, &account)
	}
	if err != nil {
		return "", fmt.Errorf("adding an account: %w", err)
	}
	return account.Secret, nil
}

// serveFolder starts goldthread serve over a council's folder, for a user and secret.
func serveFolder(ctx context.Context, program, folder, user string) (*reader, error) {
	serve := exec.CommandContext(ctx, program, "serve", "--listen", "127.0.0.1:0", "--json", "-C", folder)
	serve.Cancel = func() error { return serve.Process.Signal(os.Interrupt) }
	serve.Stderr = os.Stderr
	out, err := serve.StdoutPipe()
	if err == nil {
		err = serve.Start()
	}
	if err != nil {
		return nil, err
	}
	stop := func() error { return errors.Join(serve.Process.Signal(os.Interrupt), serve.Wait()) }
	var serving struct {
		Address string `json:"address"`
	}
	if err := json.NewDecoder(out).Decode(&serving); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the server: %w", err), stop())
	}
	config, err := pgconn.ParseConfig(fmt.Sprintf("postgres://%s@%s/goldthread?sslmode=require", user, serving.Address))
	return &reader{config: config, table: "marts.bench", encryption: "with TLS", process: serve.Process.Pid, stop: stop}, err
}

// openPostgreSQL finds out whether a server speaks TLS, and has a table of the bench's own there.
func openPostgreSQL(ctx context.Context, d Database) (*reader, error) {
	address := url.URL{Scheme: "postgres", User: url.UserPassword(d.User, d.Password), Path: "/" + d.Name,
		RawQuery: url.Values{"sslmode": {"prefer"}, "host": {d.Host}, "port": {strconv.Itoa(d.Port)}}.Encode()}
	config, err := pgconn.ParseConfig(address.String())
	if err != nil {
		return nil, err
	}
	r := &reader{config: config, table: "goldthread_bench", encryption: "without TLS"}
	conn, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	answers, err := conn.Exec(ctx, "select ssl from pg_stat_ssl where pid = pg_backend_pid()").ReadAll()
	if err == nil && len(answers) == 1 && len(answers[0].Rows) == 1 && string(answers[0].Rows[0][0]) == "t" {
		r.encryption = "with TLS"
	}
	return r, err
}

// drop takes away what the bench made.
func (r *reader) drop(ctx context.Context) error {
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "drop table if exists "+r.table).ReadAll()
	return err
}

func (r *reader) connect(ctx context.Context) (*pgconn.PgConn, error) {
	return pgconn.ConnectConfig(ctx, r.config)
}

// pipeCopy sends what one server copies out to the other.
func pipeCopy(ctx context.Context, from *pgconn.PgConn, out string, to *pgconn.PgConn, in string) error {
	read, write := io.Pipe()
	copied := make(chan error, 1)
	go func() {
		_, err := from.CopyTo(ctx, write, out)
		copied <- errors.Join(err, write.CloseWithError(err))
	}()
	_, err := to.CopyFrom(ctx, read, in)
	_ = read.CloseWithError(err) // so that the other does not wait
	return errors.Join(err, <-copied)
}

// A request is statements that are asked one after the other.
type request struct {
	statements []string // with TABLE for the table's name
	binary     bool
	firstOnly  bool // measures until the first row
	unlike     bool // the two servers may well answer it with other rows
}

// An effort is what an answer took.
type effort struct {
	rows         int64
	seconds, cpu float64
	peak         float64
}

// ask sends a request on a connection of its own, and reads the answer without decoding it.
func (r *reader) ask(ctx context.Context, q request) (e effort, err error) {
	conn, err := r.connect(ctx)
	if err != nil {
		return e, err
	}
	process := r.process
	if process == 0 {
		process = int(conn.PID())
	}
	raw, err := conn.Hijack()
	if err != nil {
		return e, err
	}
	defer raw.Conn.Close()
	forgetPeakOf(process)
	in := bufio.NewReaderSize(raw.Conn, 1<<18)
	began, cpu := time.Now(), processorSeconds(process)
	for _, statement := range q.statements {
		message, err := encode(strings.ReplaceAll(statement, "TABLE", r.table), q.binary)
		if err != nil {
			return e, err
		}
		if _, err := raw.Conn.Write(message); err != nil {
			return e, err
		}
		rows, err := drain(in, q.firstOnly)
		if e.rows += rows; err != nil {
			return e, err
		}
	}
	e.seconds, e.cpu, e.peak = time.Since(began).Seconds(), processorSeconds(process)-cpu, peakMiBOf(process)
	return e, nil
}

func encode(statement string, binary bool) (message []byte, err error) {
	messages := []pgproto3.FrontendMessage{&pgproto3.Query{String: statement}}
	if binary {
		messages = []pgproto3.FrontendMessage{
			&pgproto3.Parse{Query: statement}, &pgproto3.Bind{ResultFormatCodes: []int16{1}}, &pgproto3.Describe{ObjectType: 'P'}, &pgproto3.Execute{}, &pgproto3.Sync{},
		}
	}
	for _, m := range messages {
		if message, err = m.Encode(message); err != nil {
			return nil, err
		}
	}
	return message, nil
}

// drain reads an answer to its end, and gives the number of rows that the server says it has; or to its first row.
func drain(in *bufio.Reader, firstOnly bool) (rows int64, err error) {
	for {
		header, err := in.Peek(5)
		if err != nil {
			return rows, err
		}
		kind, length := header[0], int(binary.BigEndian.Uint32(header[1:]))+1
		switch {
		case kind == 'E':
			message, _ := in.Peek(length)
			return rows, fmt.Errorf("the server says %q", message)
		case firstOnly && kind == 'D':
			return 1, nil
		case kind == 'C':
			tag, err := in.Peek(length)
			if err != nil {
				return rows, err
			}
			words := strings.Fields(strings.TrimRight(string(tag[5:]), "\x00"))
			if rows, err = strconv.ParseInt(words[len(words)-1], 10, 64); err != nil {
				return rows, err
			}
		}
		if _, err := in.Discard(length); err != nil || kind == 'Z' {
			return rows, err
		}
	}
}
