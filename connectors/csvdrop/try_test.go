package csvdrop

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// trying tries a file of this text under settings for columns of a dataset.
func trying(t *testing.T, settings, text string) connectors.Trial {
	t.Helper()
	config := &Config{}
	source := "source: waste\nkind: csvdrop\nfolder: drops\ndatasets:\n  - name: areas\n    files: \"a.csv\"\n    mode: snapshot\n" + settings
	at, err := strictyaml.Decode("waste.yaml", []byte(source), config)
	if err == nil {
		err = config.Validate(at)
	}
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	trial, err := config.Try(context.Background(), "", path, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return trial
}

const areaColumns = "    columns:\n      area: {type: text, required: true}\n      tonnes: {type: integer}\n"

func TestTryAccountsForEachRow(t *testing.T) {
	got := trying(t, "    key: [area]\n    max_quarantined: 1\n"+areaColumns,
		"area,tonnes\nHale,2\nSale,two\n,\nHale,2\nTimperley,3\nTimperley,4\nBowdon\n")
	want := connectors.Trial{Dataset: "areas", Read: 7, Stored: 1, Quarantined: 5, Blank: 1, Missing: []string{}, New: []string{}, Notes: []string{},
		Rejects: []connectors.Reject{
			{Row: 3, Column: "tonnes", Text: "two", Reason: `column "tonnes": not a number, expected a whole number`},
			{Row: 8, Text: "Bowdon", Reason: "the record has 1 fields and the header 2"},
			{Row: 5, Column: "area", Reason: "repeats line 2 word for word", Repeat: true},
			{Row: 6, Column: "area", Reason: "the key (area) stands again on line 7 with different values", Repeat: true},
			{Row: 7, Column: "area", Reason: "the key (area) stands on line 6 already with different values", Repeat: true},
		}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestTrySaysWhatAFileIsRefusedFor(t *testing.T) {
	tests := []struct {
		name, text, want string
		missing, more    []string
	}{
		{"too many rows set aside", "area,tonnes\n" + strings.Repeat("Hale,2\n", 20) + strings.Repeat("x,two\n", 9), "9 of 29 rows cannot be read", nil, nil},
		{"columns differ", "area,tons\nHale,2\n", `line 1 lacks "tonnes"`, []string{"tonnes"}, []string{"tons"}},
		{"empty", "", "the file ends before line 1, where the contract says the column names are", nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := trying(t, areaColumns, test.text)
			if !strings.HasPrefix(got.Refused, test.want) || !slices.Equal(got.Missing, test.missing) || !slices.Equal(got.New, test.more) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAColumnMayBeNamedByItsPlace(t *testing.T) {
	settings := "    columns:\n      area: {type: text}\n      first: {type: integer, header: column 2}\n      third: {type: integer, header: column 4}\n"
	got := trying(t, settings+"    on_new_column: ignore\n", "area,n,N,\nHale,1,2,3\n")
	if got.Stored != 1 || got.Refused != "" || !reflect.DeepEqual(got.New, []string{"N"}) {
		t.Errorf("got %+v", got)
	}
	if got := trying(t, settings, "area,n,m,\nHale,1,2,3\n"); !strings.Contains(got.Refused, `lacks "column 2"`) && !strings.Contains(got.Refused, `"first"`) {
		t.Errorf("a name that stands once was taken by its place: %+v", got)
	}
}
