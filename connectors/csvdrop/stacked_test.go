package csvdrop

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
)

// stackedTrial reads a file under the contract for LG Inform's downloads.
func stackedTrial(t *testing.T, text string, share float64) (connectors.Trial, []map[string]string) {
	t.Helper()
	d := stackedDrop(t)
	d.dataset.MaxQuarantined = share
	var rows []map[string]string
	trial := connectors.Trial{}
	err := loadStacked(t, d, []byte(text), func(batch connectors.Batch) error {
		trial.Rejects = append(trial.Rejects, batch.Rejects...)
		if batch.Rows == nil {
			return nil
		}
		defer batch.Rows.Release()
		for i := range int(batch.Rows.NumRows()) {
			row := map[string]string{}
			for c, field := range batch.Rows.Schema().Fields() {
				row[field.Name] = batch.Rows.Column(c).ValueStr(i)
			}
			rows = append(rows, row)
		}
		return nil
	})
	var refused *refusal
	if errors.As(err, &refused) {
		trial.Refused = refused.reason
	} else if err != nil {
		t.Fatal(err)
	}
	return trial, rows
}

func stackedDrop(t testing.TB) drop {
	t.Helper()
	text, err := os.ReadFile("testdata/lginform.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file, err := kinds.Decode("sources/lgi_downloads.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	source, err := file.Config.Open(connectors.Deps{Root: t.TempDir(), Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	return source.(*Source).drops[0]
}

func loadStacked(t *testing.T, d drop, text []byte, emit func(connectors.Batch) error) error {
	t.Helper()
	rows, err := connectors.NewRows(d.dataset, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	load := &fileLoad{loading: &loading{reading: &reading{Source: &Source{zone: time.UTC}, drop: d, dataset: d.dataset, emit: emit}, rows: rows}}
	reader, bound, err := load.open(bytes.NewReader(text))
	if err != nil {
		return err
	}
	if err := load.records(t.Context(), reader, bound); err != nil {
		return err
	}
	return load.flush(t.Context(), false)
}

func download(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/lginform/" + name + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestStackedHeadingsBecomeColumns(t *testing.T) {
	for _, one := range []struct {
		name string
		rows int
		last string
	}{
		{"deaths", 32 * 17, "1072 Enterprises per 10,000 people raw E09000033 CY2020 2020 325.31 ok 38"},
		{"rates", 32 * 49, "3404 GBP (000) raw E09000033 FY2022-23-Q1 2022/23 Q1 684368 ok 38"},
	} {
		trial, rows := stackedTrial(t, download(t, one.name), 0)
		if trial.Refused != "" || len(trial.Rejects) > 0 || len(rows) != one.rows {
			t.Fatalf("%s: %d rows, %+v", one.name, len(rows), trial)
		}
		last := rows[len(rows)-1]
		var told []string
		for _, column := range []string{"metric_type", "unit", "value_type", "area_code", "period", "period_label", "value", "value_status", "_row"} {
			told = append(told, last[column])
		}
		if got := strings.Join(told, " "); got != one.last {
			t.Errorf("%s:\n got %s\nwant %s", one.name, got, one.last)
		}
	}
}

func TestAPeriodThatNobodyKnowsIsSetAsideByItsName(t *testing.T) {
	const reason = `column "period": not a period of the form lg_inform, which looks like`
	trial, rows := stackedTrial(t, download(t, "taxbase"), 1)
	if len(rows) > 0 || len(trial.Rejects) != 32*14 {
		t.Fatalf("%d rows, %d set aside", len(rows), len(trial.Rejects))
	}
	if r := trial.Rejects[0]; r.Text != "tax_2009_10" || r.Row != 7 || !strings.HasPrefix(r.Reason, reason) {
		t.Errorf("%+v", r)
	}
	if trial, _ = stackedTrial(t, download(t, "taxbase"), 0.01); !strings.Contains(trial.Refused, "448 of 448 rows cannot be read") || !strings.Contains(trial.Refused, reason) {
		t.Errorf("refused: %s", trial.Refused)
	}
}

// small is a download with two areas and two periods.
const small = `"area label","area long label","area","Dwellings","Dwellings"
"area label","area long label","area","22","22"
"area label","area long label","area","Number","Number"
"area label","area long label","area","raw","raw"
"area label","area long label","area","2019/20","2020/21"
"area label","area long label","area","fin_2019_20","fin_2020_21"
"Barnet","Barnet (London borough)","E09000003","1,234.5",""
"Bexley","Bexley (London borough)","E09000004","Suppressed","7"
`

func TestOddFilesOfStackedHeadingsAreRefusedOrSetAsideWithTheReason(t *testing.T) {
	line := func(n int) string { return strings.Join(strings.SplitAfter(small, "\n")[:n], "") }
	for name, test := range map[string]struct{ text, refused, aside string }{
		"as it should be":           {text: small},
		"with a byte order mark":    {text: "\uFEFF" + small},
		"with other line ends":      {text: strings.ReplaceAll(small, "\n", "\r\n")},
		"ends among its headings":   {line(4), "the file ends before line 6, where the contract says the last of its rows of headings is", ""},
		"headings and no row":       {text: line(6)},
		"a row of headings missing": {text: strings.Replace(small, line(4)[len(line(3)):], "", 1), refused: "column 5 has no heading in line 6 (period_id)"},
		"a heading missing":         {strings.Replace(small, `"fin_2020_21"`, `""`, 1), "column 5 has no heading in line 6 (period_id)", ""},
		"two columns alike":         {strings.NewReplacer("2020/21", "2019/20", "fin_2020_21", "fin_2019_20").Replace(small), "columns 4 and 5 have the same headings", ""},
		"headings in one row":       {strings.Repeat("\"area\",\"2020\"\n", 6), "lines 1 to 6 are all the same", ""},
		"headings of other widths":  {strings.Replace(small, `"raw","raw"`, `"raw"`, 1), "the column names in line 4 cannot be read", ""},
		"a row for a heading":       {text: strings.Replace(strings.Replace(small, line(4)[len(line(3)):], "", 1), `,""`, `,"3"`, 1), refused: `line 1 lacks "area_code", "area_label"`},
		"a line of commas":          {strings.Replace(small, line(4)[len(line(3)):], ",\n", 1), "line 4 holds 2 headings and line 1 holds 5", ""},
		"another kind of value":     {text: strings.ReplaceAll(small, "raw", "rank"), refused: `column "value_type"`},
		"a record too short":        {text: small + `"Brent","E09000005","1"` + "\n", aside: "line 9"},
		"a column beyond":           {text: strings.ReplaceAll(small, `"area",`, `"area","area type",`), refused: `columns that the contract does not name: "area type"`},
		"a group for an area":       {text: small + `"All","","AllBoroughInRegion_London","1","2"` + "\n", aside: `column "area_code"`},
	} {
		trial, rows := stackedTrial(t, test.text, 0.5)
		told := ""
		if len(trial.Rejects) > 0 {
			told = trial.Rejects[0].Reason
		}
		switch {
		case test.refused != "":
			if !strings.Contains(trial.Refused, test.refused) {
				t.Errorf("%s: refused: %q", name, trial.Refused)
			}
		case trial.Refused != "":
			t.Errorf("%s: refused: %s", name, trial.Refused)
		case test.aside != "" && len(trial.Rejects) == 0 || test.aside == "" && told != "":
			t.Errorf("%s: %d rows, set aside: %+v", name, len(rows), trial.Rejects)
		}
	}
	_, rows := stackedTrial(t, small, 0)
	var got []string
	for _, row := range rows {
		got = append(got, row["area_code"]+" "+row["period"]+" "+row["value"]+" "+row["value_status"]+" "+row["_row"])
	}
	want := "E09000003 FY2019-20 1234.5 ok 7; E09000003 FY2020-21 (null) missing 7; E09000004 FY2019-20 (null) suppressed 8; E09000004 FY2020-21 7 ok 8"
	if strings.Join(got, "; ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), want)
	}
}

// FuzzStacked reads any file as a download: unless it is refused, each of its records gives as many rows, stored or set
// aside, as there are columns of values, or one that is set aside or blank.
func FuzzStacked(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(download(f, "taxbase")))
	f.Add([]byte("area,a\narea,1\narea,u\narea,raw\narea,p\narea,cal_2020\nE09000003,1\n\n\"x\n"))
	d := stackedDrop(f)
	d.dataset.MaxQuarantined = 1
	f.Fuzz(func(t *testing.T, text []byte) {
		var landed tally
		err := loadStacked(t, d, text, func(batch connectors.Batch) error { landed.add(t, batch); return nil })
		var refused *refusal
		if err != nil && !errors.As(err, &refused) && err != io.EOF {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		reader, err := NewReader(bytes.NewReader(text), d.format)
		if err != nil {
			t.Fatal(err)
		}
		head, err := readHeader(reader, d.format)
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for {
			record, err := reader.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if want++; record.Damage == "" && !record.Blank {
				want += len(head.stack.values) - 1
			}
		}
		if got := landed.stored + landed.aside + landed.blank; got != want {
			t.Errorf("%d rows of %d", got, want)
		}
	})
}
