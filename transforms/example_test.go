package transforms_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing/fstest"

	"github.com/goldthread/goldthread/transforms"
)

const visits = `-- One row per day on which somebody came.
--
-- materialized: table
-- grain: visit_date
-- columns:
--   visit_date: Day of the visits.
--   visit_count: Number of visits.
-- tests:
--   - unique: visit_date
--   - holds: visit_count > 0

select
    visit_date,
    count(*) as visit_count
from current.pool__visits
group by visit_date
`

// A set is loaded, which tells every fault of it, and then built on a connection to the warehouse.
func Example() {
	ctx := context.Background()
	set, err := transforms.Load(ctx, transforms.Options{
		Ours: transforms.Models(),
		Council: transforms.Folder{Path: "models", FS: fstest.MapFS{
			"marts/visits.sql": &fstest.MapFile{Data: []byte(visits)},
		}},
		Datasets: []transforms.Relation{{Name: "pool.visits", Columns: []transforms.Column{{Name: "visit_date", Type: "date"}}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	build := func(conn *sql.Conn, state transforms.State) error {
		builder := transforms.Builder{Conn: conn, State: state}
		result, err := builder.Build(ctx, set)
		for _, red := range result.Red() {
			fmt.Println(red.Table, red.Name, red.Failing, red.Examples)
		}
		return err
	}
	_ = build // with the connection of the warehouse that holds the datasets
	m, _ := set.Model("marts.visits")
	fmt.Println(m.Name, "reads", m.Reads(), "and is made by", m.File)
	// Output: marts.visits reads [current.pool__visits] and is made by models/marts/visits.sql
}
