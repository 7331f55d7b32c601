package main

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/goldthread/goldthread/warehouse/serve/accounts"
)

// A guest has an account of a council's folder that is served at an address.
type guest struct{ address, secret string }

func newGuest(t *testing.T, folder, address string) guest {
	t.Helper()
	store, err := accounts.Open(accounts.Path(filepath.Join(folder, ".goldthread")), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := store.Add("reader", "staff", time.Now().AddDate(0, 1, 0))
	if err != nil {
		t.Fatal(err)
	}
	return guest{address, secret}
}

func (g guest) connect(ctx context.Context) (*pgx.Conn, error) {
	return pgx.Connect(ctx, fmt.Sprintf("postgres://reader:%s@%s/goldthread?sslmode=require", g.secret, g.address))
}

// ask has a statement answered in a session of its own.
func (g guest) ask(ctx context.Context, statement string) error {
	conn, err := g.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.PgConn().Exec(ctx, statement).ReadAll()
	return err
}

// smallQuestion is one that is answered in no time.
const smallQuestion = "select count(*) from marts.measure_trend"
