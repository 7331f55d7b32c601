package warehouse

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
)

// Migrations are applied in the order of their names; one that has been released is never changed.
//
//go:embed migrations/*.sql
var migrations embed.FS

func migrate(ctx context.Context, conn *sql.Conn, path string) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	version, err := schemaVersion(ctx, conn)
	if err != nil {
		return err
	}
	if err := newer(path, version, len(names)); err != nil {
		return err
	}
	for i, name := range names[version:] {
		if err := applyMigration(ctx, conn, name, version+i+1); err != nil {
			return fmt.Errorf("migration %s: %w", strings.TrimPrefix(name, "migrations/"), err)
		}
	}
	if version < len(names) {
		failpoint.Hit("migration.before_checkpoint")
		_, err = conn.ExecContext(ctx, "checkpoint")
	}
	return err
}

// newer refuses a file of a format that this program does not know.
func newer(path string, version, known int) error {
	if version <= known {
		return nil
	}
	return &fault.Error{
		Where: path,
		What:  fmt.Sprintf("a newer goldthread wrote this warehouse (its format is %d, this program knows up to %d)", version, known),
		Fix:   "use the newer program, or go back to a backup made before it",
	}
}

func schemaVersion(ctx context.Context, conn *sql.Conn) (version int, err error) {
	for _, statement := range []string{
		"create schema if not exists meta",
		"create table if not exists meta.schema_versions (version integer not null, applied_at timestamptz not null)",
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return 0, err
		}
	}
	err = conn.QueryRowContext(ctx, "select coalesce(max(version), 0) from meta.schema_versions").Scan(&version)
	return version, err
}

func applyMigration(ctx context.Context, conn *sql.Conn, name string, version int) error {
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	return inTransaction(ctx, conn, func() error {
		if _, err := conn.ExecContext(ctx, string(text)); err != nil {
			return err
		}
		_, err := conn.ExecContext(ctx, "insert into meta.schema_versions values (?, now())", version)
		failpoint.Hit("migration.before_commit")
		return err
	})
}

// isNoTransaction says whether a rollback failed only because the engine had already ended the transaction.
func isNoTransaction(err error) bool {
	return strings.Contains(err.Error(), "no transaction is active")
}
