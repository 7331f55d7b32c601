package handbook

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/connectortest"
	"github.com/goldthread/goldthread/internal/goldentest"
)

func TestSourcesPassTheSuite(t *testing.T) {
	for name, begin := range map[string]func(connectors.Deps) *Source{Name: New, ReferenceName: NewReference} {
		t.Run(name, func(t *testing.T) {
			connectortest.Run(t, connectortest.Case{
				Open:   func(t *testing.T) connectors.Source { return begin(newFolder(t, "folder.txtar").deps()) },
				Broken: func(t *testing.T) connectors.Source { return begin(newFolder(t, "faults.txtar").deps()) },
				Waive:  map[string]string{"bad settings refused": "the folder has no settings: its files are the same for every council"},
			})
		})
	}
}

func TestFilesBecomeRows(t *testing.T) {
	f := newFolder(t, "folder.txtar")
	var told strings.Builder
	for _, source := range []*Source{New(f.deps()), NewReference(f.deps())} {
		datasets, _ := source.Datasets(context.Background())
		for _, ds := range datasets {
			rows, _ := f.read(ds.Name, nil)
			fmt.Fprintf(&told, "%s.%s\n%s", ds.Source, ds.Name, rows)
		}
	}
	goldentest.Check(t, "testdata/folder.txt", told.String())
}

func TestFaultsRefuseADatasetAndAreToldAtOnce(t *testing.T) {
	f := newFolder(t, "faults.txtar")
	var told strings.Builder
	for _, source := range []*Source{New(f.deps()), NewReference(f.deps())} {
		datasets, _ := source.Datasets(context.Background())
		for _, ds := range datasets {
			rows, cursor := f.read(ds.Name, nil)
			if cursor != nil {
				t.Errorf("%s has a cursor and was refused", ds.Name)
			}
			fmt.Fprintf(&told, "%s.%s\n%s", ds.Source, ds.Name, rows)
		}
	}
	goldentest.Check(t, "testdata/faults.txt", told.String())
}

func TestUnchangedFilesAreNotReadAgain(t *testing.T) {
	f := newFolder(t, "folder.txtar")
	_, cursor := f.read("targets", nil)
	told, again := f.read("targets", cursor)
	expect(t, told, "same_hash targets/2025.csv\nsame_hash targets/air.csv\n")
	expect(t, string(again), string(cursor))
	f.write("measures/a.yaml", "broken: [")
	told, _ = f.read("targets", cursor)
	expect(t, told, "same_hash targets/2025.csv\nsame_hash targets/air.csv\n")
}

func TestOneChangedFileBringsAllRows(t *testing.T) {
	f := newFolder(t, "folder.txtar")
	_, cursor := f.read("targets", nil)
	f.write("targets/2025.csv", "measure_code,organisation_code,period_from,target_value,status,version\nENV01,E08000009,FY2025-26,1,proposed,1\n")
	told, cursor := f.read("targets", cursor)
	expect(t, told, `landed targets/2025.csv
  2: measure_code=ENV01 organisation_code=E08000009 period_from=FY2025-26 target_value=1 status=proposed version=1 file=targets/2025.csv
landed targets/air.csv
  2: measure_code=ENV02 organisation_code=E08000009 period_from=CY2025 target_value=40 status=proposed version=1 file=targets/air.csv
`)
	f.remove("targets/2025.csv")
	told, cursor = f.read("targets", cursor)
	expect(t, told, `landed targets/air.csv (targets/2025.csv was read last time and is not there now: its rows are withdrawn)
  2: measure_code=ENV02 organisation_code=E08000009 period_from=CY2025 target_value=40 status=proposed version=1 file=targets/air.csv
`)
	f.remove("targets/air.csv")
	told, cursor = f.read("targets", cursor)
	expect(t, told, "landed targets/*.csv (targets/air.csv was read last time and is not there now: its rows are withdrawn)\n")
	told, _ = f.read("targets", cursor)
	expect(t, told, "unchanged targets/*.csv\n")
}

func TestACursorOfOtherColumnsReadsAgain(t *testing.T) {
	f := newFolder(t, "folder.txtar")
	source, ds := f.datasetOf("calendars")
	_, cursor := f.read("calendars", nil)
	table := source.tables[slices.IndexFunc(source.tables, func(t table) bool { return t.dataset.Name == ds.Name })]
	files, err := source.gather(context.Background(), table, source.hash)
	if err != nil || !newCursor(table, files).equals(former(cursor)) {
		t.Fatal(err, "the cursor is not that of the same files")
	}
	table.dataset.Columns = append(table.dataset.Columns, text("new", ""))
	if newCursor(table, files).equals(former(cursor)) || newCursor(table, files).equals(former(connectors.Cursor("{"))) {
		t.Error("what was made of the files before still counts")
	}
}

func TestAFileThatCannotBeReadIsAFailure(t *testing.T) {
	f := newFolder(t, "folder.txtar")
	if err := os.Mkdir(filepath.Join(f.root, "targets", "zz.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	told, cursor := f.read("targets", nil)
	expect(t, told, "failed targets/zz.csv:\nthe file cannot be read: is a directory\n")
	if cursor != nil {
		t.Error("a failure moved the cursor")
	}
}

func TestAMissingSettingsFileRefusesTheCouncil(t *testing.T) {
	f := newFolder(t, "folder.txtar")
	f.remove("goldthread.yaml")
	told, _ := f.read("council", nil)
	if !strings.HasPrefix(told, "refused goldthread.yaml:\n") || !strings.Contains(told, "there is no council's folder here") {
		t.Error(told)
	}
}

func TestCheckTellsFaultsOnceAndKeepsNothing(t *testing.T) {
	f := newFolder(t, "faults.txtar")
	_, err := New(f.deps()).Check(context.Background())
	if n := strings.Count(err.Error(), "measures/a.yaml:2: unknown polarity"); n != 1 {
		t.Errorf("a fault is told %d times in\n%v", n, err)
	}
	if _, err := os.Stat(f.deps().Archive.Folder); !os.IsNotExist(err) {
		t.Errorf("the archive is there: %v", err)
	}
}

func TestCheckWarnsOfATargetWithoutAmber(t *testing.T) {
	f := newFolder(t, "folder.txtar")
	f.write("targets/zero.csv", "measure_code,organisation_code,period_from,target_value,tolerance_kind,tolerance_value,status,version\n"+
		"ENV01,E08000009,FY2026-27,0.0,,,proposed,1\nENV01,E08000009,FY2027-28,0,absolute,1,proposed,1\nENV02,E08000009,CY2026,0,,,proposed,1\n")
	warnings, err := New(f.deps()).Check(context.Background())
	if err != nil || len(warnings) != 1 || !strings.HasPrefix(warnings[0].Error(), "targets/zero.csv:2: the target is 0 and its tolerance relative") {
		t.Error(warnings, err)
	}
	told, _ := f.read("targets", nil)
	if !strings.Contains(told, "landed targets/zero.csv (line 2: the target is 0") {
		t.Error(told)
	}
}

func TestCheckWarnsOfATargetWithoutRed(t *testing.T) {
	f := newFolder(t, "folder.txtar")
	f.write("targets/wide.csv", "measure_code,organisation_code,period_from,target_value,tolerance_kind,tolerance_value,status,version\n"+
		"ENV01,E08000009,FY2026-27,60,relative,5,proposed,1\nENV01,E08000009,FY2027-28,60,absolute,5,proposed,1\nENV02,E08000009,CY2026,60,relative,1,proposed,1\n")
	warnings, err := New(f.deps()).Check(context.Background())
	if err != nil || len(warnings) != 1 || !strings.HasPrefix(warnings[0].Error(), "targets/wide.csv:2: tolerance_value 5 is 5 times the target") {
		t.Error(warnings, err)
	}
}

func TestTraffordIsRead(t *testing.T) {
	f := &folder{t, filepath.Join("..", "..", "examples", "trafford")}
	archive := connectors.Archive{Folder: t.TempDir()}
	rows := map[string]int64{}
	for _, source := range []*Source{New(connectors.Deps{Root: f.root, Archive: &archive}), NewReference(connectors.Deps{Root: f.root, Archive: &archive})} {
		if warnings, err := source.Check(context.Background()); err != nil || len(warnings) > 0 {
			t.Error(warnings, err)
		}
		datasets, _ := source.Datasets(context.Background())
		for _, ds := range datasets {
			runner := connectors.Runner{NextExtract: func() int64 { return 1 }, TempFolder: t.TempDir()}
			if err := runner.Read(context.Background(), source, ds, nil, counter{rows}); err != nil {
				t.Error(err)
			}
		}
	}
	for _, want := range []string{"council 1", "measures 38", "plan_nodes 26", "areas 58"} {
		var name string
		var count int64
		fmt.Sscan(want, &name, &count)
		if rows[name] != count {
			t.Errorf("%s has %d rows, want %d", name, rows[name], count)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		without := name == "calendars" || strings.HasPrefix(name, "reporting_cycle") // it has no such file
		if rows[name] == 0 && !without {
			t.Errorf("%s has no rows", name)
		}
	}
}

// A counter counts the rows of loads by dataset.
type counter struct{ rows map[string]int64 }

func (c counter) Load(_ context.Context, load *connectors.Load) error {
	for load.Next() {
	}
	c.rows[load.Dataset().Name], _ = load.Counts()
	return load.Err()
}

func (c counter) Looked(_ context.Context, looks []connectors.Look) error {
	return fmt.Errorf("looks without a load: %v", looks)
}

func TestNotesAreKeptAsWrittenOrAsASpreadsheetSavesThem(t *testing.T) {
	for _, c := range []struct{ name, head, note string }{
		{"as written", "# Not 1,000 but 1,200, as agreed.\n#Second line\n", "Not 1,000 but 1,200, as agreed. Second line"},
		{"saved by a spreadsheet", "\"# Not 1,000, as agreed.\",,,,,\r\n,,,,,\r\n# Second,,,,,\r\n", "Not 1,000, as agreed. Second"},
		{"quotes in the middle", "# The \"stretch\" target, \"agreed\n", `The "stretch" target, "agreed`},
		{"a byte order mark", "\ufeff# Marked\n", "Marked"},
		{"none", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFolder(t, "folder.txtar")
			f.write("targets/2025.csv", c.head+"measure_code,organisation_code,period_from,target_value,status,version\nENV01,E08000009,FY2025-26,1,proposed,1\n")
			told, _ := f.read("targets", nil)
			line, _, _ := strings.Cut(told[strings.Index(told, "file=targets/2025.csv"):], "\n")
			want := "file=targets/2025.csv"
			if c.note != "" {
				want += " note_file=" + c.note
			}
			expect(t, line, want)
		})
	}
}

func TestRowsBearTheFileTheyStandIn(t *testing.T) {
	f := newFolder(t, "folder.txtar")
	source, ds := f.datasetOf("measures")
	next := int64(0)
	runner := connectors.Runner{NextExtract: func() int64 { next++; return next }, TempFolder: t.TempDir()}
	taker := &placer{places: map[int64]string{}, rows: map[string]int64{}}
	if err := runner.Read(context.Background(), source, ds, nil, taker); err != nil {
		t.Fatal(err)
	}
	expect(t, fmt.Sprint(taker.found()), "[ENV01 in measures/a.yaml ENV02 in measures/b.yaml]")
}

// A placer says in which file the row of each measure stands.
type placer struct {
	places map[int64]string
	rows   map[string]int64
}

func (p *placer) Load(_ context.Context, load *connectors.Load) error {
	for load.Next() {
		rows := load.RecordBatch()
		at := rows.Schema().FieldIndices("_extract_id")[0]
		for i := range int(rows.NumRows()) {
			var id int64
			if _, err := fmt.Sscan(rows.Column(at).ValueStr(i), &id); err != nil {
				return err
			}
			p.rows[rows.Column(0).ValueStr(i)] = id
		}
	}
	for _, look := range load.Looks() {
		p.places[look.ID] = look.Place
	}
	return load.Err()
}

func (p *placer) Looked(context.Context, []connectors.Look) error { return nil }

func (p *placer) found() []string {
	var found []string
	for _, code := range slices.Sorted(maps.Keys(p.rows)) {
		found = append(found, code+" in "+p.places[p.rows[code]])
	}
	return found
}

func TestATargetOfAnUnknownMeasureIsRefused(t *testing.T) {
	f := newFolder(t, "folder.txtar")
	f.write("targets/air.csv", "measure_code,organisation_code,period_from,target_value,status,version\nENV2,E08000009,CY2025,40,proposed,1\n")
	told, _ := f.read("targets", nil)
	expect(t, told, "refused targets/air.csv:\n"+
		"targets/air.csv:2: the handbook has no measure \"ENV2\"\n  fix: did you mean \"ENV02\"? measures: ENV01, ENV02\n")
}

func TestManyRowsTravelInSeveralBatches(t *testing.T) {
	f := newFolder(t, "folder.txtar")
	var text strings.Builder
	text.WriteString("area_code,larger_area_code,weight\n")
	const rows = 2*batchRows + 5
	for i := range rows {
		fmt.Fprintf(&text, "E01%06d,E08000009,1\n", i)
	}
	f.write("reference/area_lookup.csv", text.String())
	source, ds := f.datasetOf("area_lookup")
	var batches []int64
	for batch, err := range source.Read(context.Background(), ds, nil) {
		if err != nil {
			t.Fatal(err)
		}
		batches = append(batches, batch.Rows.NumRows())
		batch.Rows.Release()
		if last := len(batches) == 3; last != batch.EndOfLoad || last != (batch.Cursor != nil) || (len(batches) == 1) != (batch.Extract != nil) {
			t.Errorf("batch %d: extract %v, cursor %s, end of load %v", len(batches), batch.Extract, batch.Cursor, batch.EndOfLoad)
		}
	}
	if !slices.Equal(batches, []int64{batchRows, batchRows, 5}) {
		t.Errorf("batches of %v rows", batches)
	}
}
