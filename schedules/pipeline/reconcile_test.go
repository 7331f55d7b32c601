package pipeline_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/connectors/all"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/transforms"
	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// A councilFolder is a small council whose warehouse a test may damage.
type councilFolder struct {
	t    *testing.T
	root string
}

func newCouncil(t *testing.T) *councilFolder {
	t.Helper()
	return copyOf(t, "../../cmd/goldthread/testdata/small")
}

func copyOf(t *testing.T, folder string) *councilFolder {
	t.Helper()
	c := &councilFolder{t, t.TempDir()}
	if err := os.CopyFS(c.root, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *councilFolder) run() pipeline.Result {
	c.t.Helper()
	return c.runWith(pipeline.Options{Version: "test"})
}

func (c *councilFolder) open() (*pipeline.Folder, error) {
	return pipeline.Open(c.t.Context(), c.root, all.Kinds)
}

func (c *councilFolder) runWith(options pipeline.Options) pipeline.Result {
	c.t.Helper()
	folder, err := c.open()
	if err != nil {
		c.t.Fatal(err)
	}
	result, err := pipeline.Run(c.t.Context(), folder, options)
	if err != nil {
		c.t.Fatal(err)
	}
	return result
}

// damage changes the warehouse's file behind the program's back.
func (c *councilFolder) damage(statement string) {
	c.t.Helper()
	db, err := duckdb.Open(c.t.Context(), duckdb.Settings{Path: filepath.Join(c.root, ".goldthread", "warehouse.duckdb")})
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(c.t.Context(), statement); err != nil {
		c.t.Fatal(err)
	}
}

func (c *councilFolder) write(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func (c *councilFolder) remove(name string) {
	c.t.Helper()
	if err := os.Remove(filepath.Join(c.root, filepath.FromSlash(name))); err != nil {
		c.t.Fatal(err)
	}
}

func (c *councilFolder) status() warehouse.Status {
	c.t.Helper()
	status, err := warehouse.ReadStatus(c.t.Context(), filepath.Join(c.root, ".goldthread"))
	if err != nil {
		c.t.Fatal(err)
	}
	return status
}

func TestControlTotalsAgreeFromLandingToCore(t *testing.T) {
	c := newCouncil(t)
	result := c.run()
	if result.Outcome != pipeline.Done || result.Reconciliation == nil || len(result.Reconciliation.Differing) > 0 {
		t.Fatalf("%s, %+v, %+v", result.Outcome, result.Reconciliation, result.Problems)
	}
	// Of a ratio: rows, numerator and denominator of what landed, and the value too of what was observed.
	if total := result.Reconciliation.Totals; total < 7+5 {
		t.Errorf("%d totals were compared", total)
	}
	if status := c.status(); status.Reconciliation == nil || status.Reconciliation.Totals != result.Reconciliation.Totals {
		t.Errorf("the status tells of %+v", status.Reconciliation)
	}
}

func TestARowLostOnTheWayStopsTheRelease(t *testing.T) {
	whole := newCouncil(t)
	whole.run()
	for _, test := range []struct{ name, damage, step string }{
		{"a fact", "delete from core.fct_observations where numerator = 550", "observations to facts, rows: 4 expected, 3 found"},
		{"a value of a fact", "update core.fct_observations set numerator = 55 where numerator = 550", "observations to facts, numerator: 1650 expected, 1155 found"},
		{"an observation", "delete from intermediate.int_observations_placed where numerator = 310", "landed to observations, rows: 4 expected, 3 found"},
		{"a fact twice", "insert into core.fct_observations from core.fct_observations where numerator = 550", "observations to facts, rows: 4 expected, 5 found"},
		{"a replaced row", "delete from history.returns__waste where recycled = 480", "loads to raw, rows: 5 expected, 4 found"},
		{"a row set aside", "delete from meta.quarantine", "loads to quarantine, rows: 1 expected, 0 found"},
		{"a present row for another", "update current.returns__waste set recycled = 551 where recycled = 550", "landed to observations, numerator: 1651 expected, 1650 found"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := copyOf(t, whole.root)
			c.damage(test.damage)
			c.write("targets/waste.csv", targetsOf60)
			result := c.run()
			if result.Outcome != pipeline.Red || result.Release != 0 {
				t.Errorf("the run came out %s and made release %d", result.Outcome, result.Release)
			}
			if !told(result, test.step) {
				t.Errorf("told %+v, without %q", result.Problems, test.step)
			}
			if status := c.status(); status.Release != 1 || len(status.Reconciliation.Differing) == 0 {
				t.Errorf("release %d, %+v", status.Release, status.Reconciliation)
			}
		})
	}
}

func TestTheStarIsBuiltAnewAfterItLostARow(t *testing.T) {
	c := newCouncil(t)
	c.run()
	c.damage("delete from core.fct_observations where numerator = 550; delete from intermediate.int_observations_placed where numerator = 310")
	if result := c.run(); result.Outcome != pipeline.Red {
		t.Fatalf("the loss was not seen: %+v", result.Reconciliation)
	}
	if result := c.run(); result.Outcome != pipeline.Done {
		t.Errorf("the next run came out %s: %+v", result.Outcome, result.Problems)
	}
}

func TestControlTotalsAgreeOfAValueAndOfOwnSQL(t *testing.T) {
	c := newCouncil(t)
	c.write("measures/WAS-02.yaml", strings.Replace(tonnes, "CODE", "WAS-02", 1))
	c.write("measures/WAS-03.yaml", strings.Replace(strings.Split(tonnes, "from:")[0], "CODE", "WAS-03", 1))
	c.write("measures/WAS-03.sql", "select area_code, period as period_code, recycled as value, _load_id, _extract_id, _row from returns.waste\n")
	result := c.run()
	if result.Outcome != pipeline.Done {
		t.Errorf("%s: %+v", result.Outcome, result.Problems)
	}
}

func TestAStepThatAModelOfTheCouncilsHidesIsToldAndNotSkipped(t *testing.T) {
	c := newCouncil(t)
	whole := c.run().Reconciliation
	without := strings.NewReplacer("    observations.denominator,\n", "",
		"--   denominator: What it was counted out of.\n", "", "    denominator,\n", "")
	for _, model := range []string{"core/fct_observations.sql", "core/fct_observation_versions.sql"} {
		ours, err := fs.ReadFile(transforms.Models().FS, model)
		if err != nil {
			t.Fatal(err)
		}
		c.write("models/"+model, without.Replace(string(ours)))
	}
	result := c.run()
	const why = "core.fct_observations, observations to facts: not compared, as the council's own model has no denominator; " +
		"only its data tests can tell whether a figure got lost here"
	if !slices.Contains(result.Notes, why) {
		t.Errorf("the run notes %q and comes out %s: %+v", result.Notes, result.Outcome, result.Problems)
	}
	if r := c.status().Reconciliation; !slices.Equal(r.NotCompared, []string{why}) || r.Totals != whole.Totals-4 || len(r.Differing) > 0 {
		t.Errorf("the status tells of %+v, where %d totals were compared before", r, whole.Totals)
	}
}

func told(result pipeline.Result, words string) bool {
	for _, problem := range result.Problems {
		if strings.Contains(problem.What, words) {
			return true
		}
	}
	return false
}

const targetsOf60 = `measure_code,organisation_code,period_from,period_to,effective_from_period,target_value,band_low,band_high,kind,tolerance_kind,tolerance_value,rag_scheme,status,version,proposed_by,approved_by,approved_at,approval_body,reason,note
WAS-01,E07000001,FY2023-24,FY2024-25,FY2023-24,60,,,minimum,relative,0.05,standard,approved,1,Head of Waste,Cabinet,2023-03-01,Cabinet,Plan,
`

const tonnes = `code: CODE
name: Waste collected
description: Tonnes collected.
unit: tonnes
decimals: 0
polarity: context
frequency: annual
accumulation: flow
plan: [{outcome: place.waste}]
owner: Head of Waste
from:
  dataset: returns.waste
  area: area_code
  period: period
  value: collected
`
