package alarms

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWhatIsOpenAndWaitsIsCounted(t *testing.T) {
	for text, want := range map[string]Count{
		"":   {},
		`{}`: {},
		`{"open": {"the source waste": {}, "goldthread serve": {}}, "letters": [{"subject": "s"}]}`: {2, 1},
	} {
		folder := t.TempDir()
		if text != "" {
			if err := os.WriteFile(filepath.Join(folder, File), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := CountIn(folder); got != want || err != nil {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, File), []byte(`{"open`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := CountIn(folder); err == nil {
		t.Error("a torn file is counted")
	}
}
