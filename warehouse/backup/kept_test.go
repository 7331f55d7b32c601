package backup

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/goldthread/goldthread/internal/keeping"
)

// nightly are the names of backups of so many nights, the last made at noon.
func nightly(nights int) (names []string) {
	for n := nights - 1; n >= 0; n-- {
		names = append(names, noon.AddDate(0, 0, -n).Format(nameForm))
	}
	return names
}

func TestBackupsPastTheirTimeAreRemovedAndSevenStayWhateverTheClockSays(t *testing.T) {
	month, err := keeping.Parse("35 days")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		keep    Keep
		nights  int
		now     time.Time
		removed int
	}{
		"all are young":                        {Keep{For: month}, 30, noon, 0},
		"some are old":                         {Keep{For: month}, 40, noon, 4},
		"the clock is ten years ahead":         {Keep{For: month}, 40, noon.AddDate(10, 0, 0), 34},
		"the clock is ten years behind":        {Keep{For: month}, 40, noon.AddDate(-10, 0, 0), 0},
		"there are few, and all of them old":   {Keep{For: month}, 5, noon.AddDate(1, 0, 0), 0},
		"all are kept":                         {Keep{}, 400, noon.AddDate(1, 0, 0), 0},
		"of a number, the newest with the new": {Keep{Most: 10}, 40, noon, 31},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			names := nightly(test.nights)
			if got := test.keep.past(names, test.now); !slices.Equal(got, names[:test.removed]) {
				t.Errorf("%d are removed, not %d: %v", len(got), test.removed, got)
			}
		})
	}
}

func TestABackupThatIsNotRightWhenReadAgainRemovesNoneBefore(t *testing.T) {
	p := council(t)
	p.Keep.Most, p.Verify = 1, true
	if made := mustMake(t, p); !made.Verified {
		t.Errorf("%+v was not read again", made)
	}
	p.Now = noon.Add(time.Hour)
	at(t, "backup.named", func() {
		file := filepath.Join(p.To, p.Now.Format(nameForm), filesFolder, "goldthread.yaml")
		if err := os.WriteFile(file, []byte("changed"), 0o644); err != nil {
			t.Error(err)
		}
	})
	_, err := Make(t.Context(), p)
	wantFault(t, err, "no older one was removed")
	wantFault(t, err, "this file of the backup")
	if names := namesIn(t, p.To); len(names) != 2 {
		t.Errorf("kept are %v", names)
	}
}

func TestAnInputThatARunRemovesMeanwhileIsLeftOut(t *testing.T) {
	p := council(t)
	input := filepath.Join(p.State, "archive", archived[:2], archived)
	at(t, "backup.input_found", func() {
		if err := os.Remove(input); err != nil {
			t.Error(err)
		}
	})
	made := mustMake(t, p)
	if _, err := os.Stat(filepath.Join(made.Folder, filesFolder, ".goldthread", "archive", archived[:2], archived)); !os.IsNotExist(err) {
		t.Errorf("the input is there: %v", err)
	}
	if _, err := Verify(t.Context(), made.Folder); err != nil {
		t.Error(err)
	}
}
