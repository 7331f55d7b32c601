package bench

import (
	"testing"

	"github.com/goldthread/goldthread/connectors/all"
	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
)

func TestAPullStandsBesideACopy(t *testing.T) {
	server := sqldbtest.StartPostgreSQL(t)
	if server == nil {
		return
	}
	figures, err := Sources(t.Context(), few, all.Kinds, Database{Host: server.Host, Port: server.Port, Name: server.Database, User: server.User})
	if err != nil {
		t.Fatal(err)
	}
	if len(figures) != 3 {
		t.Errorf("%d figures", len(figures))
	}
	for _, f := range figures {
		if f.Seconds <= 0 || f.FloorSeconds <= 0 || f.Ratio != f.FloorSeconds/f.Seconds {
			t.Errorf("%+v", f)
		}
	}
}
