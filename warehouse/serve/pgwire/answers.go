package pgwire

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// Sessions is how many clients are signed in.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

// Running is how many statements run now.
func (s *Server) Running() int { return len(s.queue.turns) }

// Answers says whether the engines of the current release answer: those that readers have open, and that of staff. Each is asked
// for a row, because an engine that has broken down may still take connections.
func (s *Server) Answers(ctx context.Context) error {
	audiences := s.instances.audiences()
	if len(audiences) == 0 {
		audiences = []string{council.Staff}
	}
	for _, audience := range audiences {
		if err := s.instances.answer(ctx, audience); err != nil {
			return fmt.Errorf("asking the release for %s: %w", audience, err)
		}
	}
	return nil
}

func (all *instances) answer(ctx context.Context, audience string) (err error) {
	manifest, err := all.releases.Manifest(0)
	if err != nil {
		return err
	}
	table, held := firstTable(manifest, audience)
	if !held {
		return nil // this release is not for them
	}
	one, err := all.acquire(ctx, audience, manifest.Release)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, all.giveBack(one)) }()
	conn, err := one.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	var rows int
	return conn.QueryRowContext(ctx, "select count(*) from (from "+table+" limit 1)").Scan(&rows)
}

// firstTable is a table that a release holds for an audience.
func firstTable(m warehouse.Manifest, audience string) (table string, held bool) {
	for _, t := range m.Tables {
		if t.Audience == audience {
			schema, name, _ := strings.Cut(t.Name, ".")
			return duckdb.Name(warehouse.ServedAs, schema, name), true
		}
	}
	return "", false
}
