package gate

import (
	"database/sql"
	"database/sql/driver"
	"testing"

	engine "github.com/duckdb/duckdb-go/v2"
)

// prepared asks the engine what kind of statement it is. One that it cannot prepare, for want of a column say, runs not at
// all.
func prepared(t *testing.T, conn *sql.Conn, statement string) {
	t.Helper()
	err := conn.Raw(func(raw any) error {
		stmt, err := raw.(driver.ConnPrepareContext).PrepareContext(t.Context(), statement)
		if err != nil {
			return nil
		}
		defer stmt.Close()
		kind, err := stmt.(*engine.Stmt).StatementType()
		if err == nil && kind != engine.STATEMENT_TYPE_SELECT {
			t.Errorf("%q is let through as a statement of type %v", statement, kind)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
