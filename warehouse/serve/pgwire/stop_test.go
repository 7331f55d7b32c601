package pgwire

import (
	"context"
	"database/sql"
	"testing"
	"time"
)

// TestAServerThatStopsLetsStatementsEnd stops the server while the gate looks at a statement, which is answered all the same.
func TestAServerThatStopsLetsStatementsEnd(t *testing.T) {
	asked, goOn := make(chan struct{}), make(chan struct{})
	s := serve(t, func(c *Config) {
		c.Gate = func(context.Context, *sql.Conn, string) (Checked, error) {
			close(asked)
			<-goOn
			return Checked{}, nil
		}
	})
	idle, busy := s.connect(""), s.connect("")
	answered := make(chan error, 1)
	go func() {
		_, err := busy.PgConn().Exec(context.Background(), "select 1").ReadAll()
		answered <- err
	}()
	<-asked
	s.stop()
	if _, err := idle.Exec(t.Context(), "select 1"); err == nil {
		t.Error("a silent session went on")
	}
	close(goOn)
	if err := <-answered; err != nil {
		t.Errorf("the statement that ran: %v", err)
	}
	if _, err := busy.Exec(t.Context(), "select 1"); err == nil {
		t.Error("a session went on after its statement")
	}
}

// TestAServerThatStopsEndsWhatTakesTooLong stops the server while a statement runs that would never end.
func TestAServerThatStopsEndsWhatTakesTooLong(t *testing.T) {
	asked := make(chan struct{})
	s := serve(t, func(c *Config) {
		c.Limits.Stop = 100 * time.Millisecond
		c.Gate = func(context.Context, *sql.Conn, string) (Checked, error) {
			close(asked)
			return Checked{}, nil
		}
	})
	conn := s.connect("")
	ran := make(chan error, 1)
	go func() { _, err := conn.PgConn().Exec(context.Background(), endless).ReadAll(); ran <- err }()
	<-asked
	s.stop()
	if err := <-ran; state(err) != codeShutDown {
		t.Errorf("it ended with %v", err)
	}
}
