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
	reading, stop := context.WithCancel(ctx)
	defer stop()
	var reads atomic.Int64
	failed := make(chan error, clients)
	var readers sync.WaitGroup
	err = m.time(func() error {
		if err := b.mark(ctx, w, 2); err != nil {
			return err
		}
		for range clients {
			readers.Go(func() { failed <- b.readUntil(reading, &reads) })
		}
		for n := 3; n < releases+2; n++ {
			if n%100 == 0 {
				b.progress("release %d of %d, %d sessions so far", n, releases, reads.Load())
			}
			if err := b.mark(ctx, w, n); err != nil {
				return err
			}
		}
		return nil
	})
	stop()
	readers.Wait()
	close(failed)
	for one := range failed {
		err = errors.Join(err, one)
	}
	m.figure.Rows = reads.Load()
	m.floorTook(0)
	return m.result(), errors.Join(err, w.Close())
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

// readUntil reads in one session after another until the context ends, or one of them is wrong.
func (b *serveBench) readUntil(ctx context.Context, reads *atomic.Int64) error {
	for ctx.Err() == nil {
		if err := b.readMarks(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		reads.Add(1)
	}
	return nil
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
