package pgwire

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestEveryAnswerIsOfOneRelease makes releases while eight clients connect and read. Within a session all is of the release
// that it was told, and no read fails.
func TestEveryAnswerIsOfOneRelease(t *testing.T) {
	s := serve(t, nil)
	var reads atomic.Int64
	var readers sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	for range 8 {
		readers.Go(func() {
			for ctx.Err() == nil {
				if err := readOneRelease(s.url("")); err != nil {
					t.Error(err)
					return
				}
				reads.Add(1)
			}
		})
	}
	const releases = 6
	for n := 2; n <= releases; n++ {
		release(t, s.folder, fmt.Sprint("release ", n))
		for seen := reads.Load(); reads.Load() < seen+8 && !t.Failed(); { // each of them reads on
			if err := readOneRelease(s.url("")); err != nil {
				t.Error(err)
			}
		}
	}
	stop()
	readers.Wait()
	// A client is gone before the server is done with its session.
	for tries := 0; s.openInstances() > 1 && !t.Failed(); tries++ {
		if err := readOneRelease(s.url("")); err != nil || tries > 1000 {
			t.Errorf("%d engines stay open, %v", s.openInstances(), err)
		}
	}
	fmt.Printf("switches: %d releases, %d sessions of eight clients\n", releases, reads.Load())
}

func readOneRelease(url string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	want := "release " + conn.PgConn().ParameterStatus("goldthread.release")
	if want == "release 1" {
		want = "first"
	}
	for range 2 {
		var least, most string
		var rows int
		if err := conn.QueryRow(ctx, "select min(mark), max(mark), count(*) from marts.scorecard").Scan(&least, &most, &rows); err != nil {
			return err
		}
		if least != want || most != want || rows != 3 {
			return fmt.Errorf("%q to %q in %d rows, where %q was told", least, most, rows, want)
		}
	}
	return nil
}

// TestANewReleaseIsOpenedAhead waits until the engine of a release is there for which no session has asked.
func TestANewReleaseIsOpenedAhead(t *testing.T) {
	s := serve(t, nil)
	reader := s.connect("")
	release(t, s.folder, "second")
	for !s.isOpen(instanceKey{"staff", 2}) {
		if _, err := reader.Exec(t.Context(), "show timezone"); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *testServer) isOpen(key instanceKey) bool {
	s.instances.mu.Lock()
	defer s.instances.mu.Unlock()
	return s.instances.open[key] != nil
}
