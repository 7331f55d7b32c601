package pgwire

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
	"github.com/goldthread/goldthread/warehouse/serve/catalog"
)

// Instances are the engines that are open, one for each release and audience that has readers.
type instances struct {
	releases *warehouse.Releases
	engine   duckdb.Settings
	started  atomic.Int64

	mu   sync.Mutex
	open map[instanceKey]*instance
}

type instanceKey struct {
	audience string
	release  int64
}

// An instance is one engine over one release.
type instance struct {
	key     instanceKey
	db      *sql.DB
	schemas []string // in which a name without one is looked for
	users   int
	broken  bool          // no session is to begin on it
	opened  chan struct{} // closed once db or err is there
	err     error
}

func newInstances(releases *warehouse.Releases, engine duckdb.Settings) *instances {
	return &instances{releases: releases, engine: engine, open: map[instanceKey]*instance{}}
}

var errNoRelease = refuse(codeNoRelease, "nothing has been released yet").hint("goldthread run makes a release")

// acquire gives the engine of a release, 0 for the current one. Each must be given back.
func (all *instances) acquire(ctx context.Context, audience string, release int64) (*instance, error) {
	if release == 0 {
		current, err := all.releases.Current()
		if err != nil {
			return nil, err
		}
		if current == 0 {
			return nil, errNoRelease
		}
		release = current
	}
	key := instanceKey{audience, release}
	all.mu.Lock()
	one, there := all.open[key]
	if !there {
		one = &instance{key: key, opened: make(chan struct{})}
		all.open[key] = one
	}
	one.users++
	all.mu.Unlock()
	if !there {
		// The engine outlives the session that was first to ask for it.
		one.err = all.start(context.WithoutCancel(ctx), one)
		close(one.opened)
	}
	<-one.opened
	if one.err != nil {
		return nil, errors.Join(one.err, all.giveBack(one))
	}
	if there {
		return one, nil
	}
	// Whoever opens a new release lets go of older ones that nobody reads.
	if err := all.sweep(); err != nil {
		return nil, errors.Join(err, all.giveBack(one))
	}
	return one, nil
}

// start opens the engine of a release.
func (all *instances) start(ctx context.Context, one *instance) (err error) {
	limits := all.engine
	if limits.TempFolder != "" {
		limits.TempFolder = filepath.Join(limits.TempFolder, fmt.Sprintf("%s-%d-%d", one.key.audience, one.key.release, all.started.Add(1)))
	}
	one.db, err = all.releases.Serve(ctx, warehouse.ServePlan{Number: one.key.release, Audience: one.key.audience, Limits: limits, Beside: likePostgreSQL})
	if err != nil {
		return err
	}
	if err := catalog.Install(ctx, one.db, warehouse.ServedAs, shownSettings(all.engine.TimeZone)); err != nil {
		return err
	}
	one.schemas, err = schemas(ctx, one.db)
	return err
}

// likePostgreSQL are the engine's settings by which a statement means what it does there.
var likePostgreSQL = []string{"set global default_null_order = 'nulls_last_on_asc_first_on_desc'"}

// schemas lists those of a release in which a name without one is looked for.
func schemas(ctx context.Context, db *sql.DB) (found []string, err error) {
	rows, err := db.QueryContext(ctx, `
		select schema_name from duckdb_schemas()
		where database_name = 'goldthread' and schema_name in ('marts', 'core', 'meta')
		order by schema_name = 'marts' desc, schema_name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		found = append(found, name)
	}
	return found, rows.Err()
}

// connect gives a session its connection to the engine, which knows the session's account.
func (one *instance) connect(ctx context.Context, account string) (*sql.Conn, error) {
	conn, err := one.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, searchPath(one.schemas)+"; "+catalog.SignIn(account)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// giveBack closes the engine of a release once it has no reader and is no longer the current one.
func (all *instances) giveBack(one *instance) error {
	current, err := all.releases.Current()
	all.mu.Lock()
	defer all.mu.Unlock()
	one.users--
	if one.users > 0 || one.err == nil && err == nil && current == one.key.release && !one.broken {
		return nil
	}
	return all.remove(one)
}

func (all *instances) remove(one *instance) error {
	if all.open[one.key] == one {
		delete(all.open, one.key)
	}
	if one.db == nil {
		return nil
	}
	return one.db.Close()
}

// abandon lets new sessions begin on a new engine. This one is closed when the last of its sessions ends.
func (all *instances) abandon(one *instance) {
	all.mu.Lock()
	defer all.mu.Unlock()
	one.broken = true
	if all.open[one.key] == one {
		delete(all.open, one.key)
	}
}

// sweep closes engines of releases that are no longer current and have no reader.
func (all *instances) sweep() error {
	current, err := all.releases.Current()
	if err != nil {
		return err
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	for key, one := range all.open {
		if one.users == 0 && key.release != current {
			err = errors.Join(err, all.remove(one))
		}
	}
	return err
}

func (all *instances) close() (err error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	for _, one := range all.open {
		err = errors.Join(err, all.remove(one))
	}
	return err
}
