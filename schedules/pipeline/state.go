package pipeline

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/goldthread/goldthread/transforms"
	"github.com/goldthread/goldthread/warehouse"
)

// A state remembers in the ledger what was built.
type state struct {
	warehouse *warehouse.Warehouse
	fed       map[string][]string // tables, by the relation of the council's folder that they feed
}

// InputVersion is that of the relation and of what feeds it.
func (s state) InputVersion(ctx context.Context, relation string) (string, error) {
	version, err := s.warehouse.InputVersion(ctx, relation)
	for _, table := range s.fed[strings.TrimSuffix(relation, "_history")] {
		if err != nil {
			break
		}
		var of string
		of, err = s.warehouse.InputVersion(ctx, "current."+table)
		version += ", " + table + " " + of
	}
	return version, err
}

func (s state) Tables(ctx context.Context) ([]transforms.TableState, error) {
	rows, err := s.warehouse.Conn().QueryContext(ctx, `
		select name, build_hash, content_hash, comment_hash, row_count, coalesce(build_number, 0), coalesce(partitions, 'null')
		from meta.models`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tables []transforms.TableState
	for rows.Next() {
		var t transforms.TableState
		var partitions string
		if err := rows.Scan(&t.Name, &t.Version, &t.ContentHash, &t.CommentHash, &t.Rows, &t.Build, &partitions); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(partitions), &t.Partitions); err != nil {
			return nil, fmt.Errorf("meta.models: partitions of %s: %w", t.Name, err)
		}
		tables = append(tables, t)
	}
	return tables, rows.Err()
}

// keySeparator stands between the example keys of a failed test; no key holds a line break of its own.
const keySeparator = "\n"

func (s state) Tests(ctx context.Context) ([]transforms.TestState, error) {
	rows, err := s.warehouse.Conn().QueryContext(ctx,
		`
		select table_name, test_name, version, severity, passed, failing, coalesce(examples, ''), coalesce(build_number, 0),
			coalesce(content_hash, '')
		from meta.tests`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tests []transforms.TestState
	for rows.Next() {
		var t transforms.TestState
		var examples string
		if err := rows.Scan(&t.Table, &t.Name, &t.Version, &t.Severity, &t.Passed, &t.Failing, &examples, &t.Build, &t.Content); err != nil {
			return nil, err
		}
		if examples != "" {
			t.Examples = strings.Split(examples, keySeparator)
		}
		tests = append(tests, t)
	}
	return tests, rows.Err()
}

func (s state) SaveTable(ctx context.Context, tx *sql.Tx, t transforms.TableState) error {
	if _, err := tx.ExecContext(ctx, "delete from meta.models where name = ?", t.Name); err != nil {
		return err
	}
	partitions, err := json.Marshal(t.Partitions)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "insert into meta.models values (?, ?, ?, ?, ?, now(), ?, ?)",
		t.Name, t.Version, t.ContentHash, t.CommentHash, t.Rows, t.Build, string(partitions))
	if err != nil {
		return err
	}
	return s.warehouse.GuardCatalogue(ctx) // the commit that follows may begin a checkpoint
}

func (s state) SaveTest(ctx context.Context, tx *sql.Tx, t transforms.TestState) error {
	if _, err := tx.ExecContext(ctx, "delete from meta.tests where table_name = ? and test_name = ?", t.Table, t.Name); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "insert into meta.tests values (?, ?, ?, ?, ?, ?, ?, now(), ?, ?)",
		t.Table, t.Name, t.Version, string(t.Severity), t.Passed, t.Failing, strings.Join(t.Examples, keySeparator), t.Build, t.Content)
	return err
}

func (s state) DropTable(ctx context.Context, tx *sql.Tx, name string) error {
	for _, statement := range []string{
		"delete from meta.models where name = ?",
		"delete from meta.tests where table_name = ?",
	} {
		if _, err := tx.ExecContext(ctx, statement, name); err != nil {
			return fmt.Errorf("forgetting %s: %w", name, err)
		}
	}
	return nil
}
