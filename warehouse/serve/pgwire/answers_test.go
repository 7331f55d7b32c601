package pgwire

import (
	"testing"

	"github.com/goldthread/goldthread/warehouse"
)

func TestAServerAnswersAsLongAsItsEngineDoes(t *testing.T) {
	s := serve(t, nil)
	if err := s.Answers(t.Context()); err != nil {
		t.Errorf("before the first reader: %v", err)
	}
	conn := s.connect("")
	if err := s.Answers(t.Context()); err != nil || s.Sessions() != 1 || s.Running() != 0 {
		t.Errorf("beside a reader: %v, %d sessions, %d statements", err, s.Sessions(), s.Running())
	}
	release(t, s.folder, "second")
	if err := s.Answers(t.Context()); err != nil {
		t.Errorf("after a new release: %v", err)
	}
	if err := conn.Ping(t.Context()); err != nil {
		t.Errorf("a session over the old one: %v", err)
	}
	s.instances.mu.Lock()
	for _, one := range s.instances.open {
		if err := one.db.Close(); err != nil {
			t.Error(err)
		}
	}
	s.instances.mu.Unlock()
	if s.Answers(t.Context()) == nil {
		t.Error("it answers though its engines are closed")
	}
}

func TestAServerWithoutAReleaseDoesNotAnswer(t *testing.T) {
	s := serve(t, func(c *Config) { c.Releases = warehouse.NewReleases(t.TempDir()) })
	if s.Answers(t.Context()) == nil {
		t.Error("it answers though there is nothing to read")
	}
}
