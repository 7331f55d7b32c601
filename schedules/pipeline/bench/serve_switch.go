package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/goldthread/goldthread/warehouse"
)

// clients read while releases are made.
const clients = 8

// switches makes releases while clients connect and read. Every session must read the release that it was told, whole.
func (b *serveBench) switches(ctx context.Context, folder string, releases int) (Figure, error) {
	m := &measurement{figure: Figure{Name: "serve.release_switches", Floor: fmt.Sprintf("none: sessions of %d clients, while %d releases were made", clients, releases)}}
	if releases == 0 {
		return m.figure, nil
	}
	w, err := warehouse.Open(ctx, warehouse.Options{Folder: filepath.Join(folder, ".goldthread"), MemoryLimit: b.MemoryLimit, Threads: 1, Version: "bench"})
	if err != nil {
		return m.figure, err
	}
	load := &switchLoad{failed: make(chan error, clients), read: make(chan struct{}, 1)}
	err = m.time(func() error {
		if err := b.mark(ctx, w, 2); err != nil {
			return err
		}
		defer load.start(ctx, b)()
		return b.releaseUnder(ctx, load, w, releases)
	})
	close(load.failed)
	for one := range load.failed {
		err = errors.Join(err, one)
	}
	m.figure.Rows = load.sessions.Load()
	m.floorTook(0)
	return m.result(), errors.Join(err, w.Close())
}

// A switchLoad is the clients that read while releases are made.
type switchLoad struct {
	sessions atomic.Int64
	read     chan struct{} // tells that one has been read since it was last asked
	failed   chan error    // has room for each client
}

// start lets the clients read until the function that it gives is called.
func (l *switchLoad) start(ctx context.Context, b *serveBench) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var readers sync.WaitGroup
	for range clients {
		readers.Go(func() { l.failed <- l.readOn(ctx, b) })
	}
	return func() {
		cancel()
		readers.Wait()
	}
}

// readOn reads in one session after another until the context ends, or one of them is wrong.
func (l *switchLoad) readOn(ctx context.Context, b *serveBench) error {
	for ctx.Err() == nil {
		if err := b.readMarks(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		l.sessions.Add(1)
		select {
		case l.read <- struct{}{}:
		default:
		}
	}
	return nil
}

func (b *serveBench) releaseUnder(ctx context.Context, load *switchLoad, w *warehouse.Warehouse, releases int) error {
	for n := 3; n < releases+2; n++ {
		if n%100 == 0 {
			b.progress("release %d of %d, %d sessions so far", n, releases, load.sessions.Load())
		}
		if err := b.mark(ctx, w, n); err != nil {
			return err
		}
		select { // until somebody has read on
		case <-load.read:
		case err := <-load.failed:
			return err
		}
	}
	return nil
}

// mark makes a release whose rows bear its number.
func (b *serveBench) mark(ctx context.Context, w *warehouse.Warehouse, n int) error {
	statement := fmt.Sprintf("create or replace table marts.bench_mark as select %d as mark from range(1000)", n)
	if _, err := w.Conn().ExecContext(ctx, statement); err != nil {
		return err
	}
	number, err := w.Release(ctx, warehouse.ReleasePlan{RunID: 1, Audience: "staff", Tables: []warehouse.ReleaseTable{
		{Schema: "marts", Name: "bench_mark", Content: fmt.Sprint(n)},
	}})
	if err == nil && number != int64(n) {
		err = fmt.Errorf("release %d was made instead of %d", number, n)
	}
	return err
}

func (b *serveBench) readMarks(ctx context.Context) error {
	conn, err := b.ours.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	want := conn.ParameterStatus("goldthread.release")
	for range 2 {
		answers, err := conn.Exec(ctx, "select min(mark)::text, max(mark)::text, count(*)::text from marts.bench_mark").ReadAll()
		if err != nil {
			return err
		}
		if got := marksOf(answers); got != want+" "+want+" 1000" {
			return fmt.Errorf("a session of release %s reads %q", want, got)
		}
	}
	return nil
}

func marksOf(answers []*pgconn.Result) string {
	if len(answers) != 1 || len(answers[0].Rows) != 1 {
		return ""
	}
	row := answers[0].Rows[0]
	return fmt.Sprintf("%s %s %s", row[0], row[1], row[2])
}
