package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/warehouse/serve/accounts"
)

func TestDoctorNamesAccountsThatEndSoon(t *testing.T) {
	folder := tinyCouncil(t)
	mustRun(t, buildProgram(t), folder)
	store, err := accounts.Open(accounts.Path(filepath.Join(folder, ".goldthread")), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ends := time.Now().AddDate(0, 0, 3)
	for name, until := range map[string]time.Time{"brief": ends, "long": ends.AddDate(0, 6, 0)} {
		if _, err := store.Add(name, "staff", until); err != nil {
			t.Fatal(err)
		}
	}
	var out, faults bytes.Buffer
	if code := run(t.Context(), []string{"goldthread", "doctor", "-C", folder}, &out, &faults, func(string) string { return "" }); code != exitRed {
		t.Errorf("exit %d", code)
	}
	want := "!!  accounts     2 accounts, of which end soon or have ended: brief on " + ends.Format(time.DateOnly) + "\n"
	if !strings.Contains(out.String(), want) {
		t.Errorf("it does not say %q:\n%s%s", want, out.String(), faults.String())
	}
}
