package examples_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/examples"
	"github.com/goldthread/goldthread/internal/council"
)

// authorities gives the list by code.
func authorities(t *testing.T) map[string]examples.Authority {
	t.Helper()
	all, err := examples.Authorities()
	if err != nil {
		t.Fatal(err)
	}
	byCode := map[string]examples.Authority{}
	for _, a := range all {
		byCode[a.Code] = a
	}
	return byCode
}

// start writes the starter folder of a council, and gives its files.
func start(t *testing.T, code, name string) map[string][]byte {
	t.Helper()
	starter, err := examples.NewStarter(authorities(t)[code], name)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := starter.Write(dir); err != nil {
		t.Fatal(err)
	}
	return readAll(t, dir)
}

// column gives the fields of one column of a CSV file.
func column(t *testing.T, text []byte, name string) []string {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.Index(records[0], name)
	if i < 0 {
		t.Fatalf("no column %s in %v", name, records[0])
	}
	var fields []string
	for _, record := range records[1:] {
		fields = append(fields, record[i])
	}
	return fields
}

func TestStarterLeavesNoPlaceholder(t *testing.T) {
	files := start(t, "E08000009", "Trafford Council")
	if _, found := files[".gitignore"]; !found {
		t.Error("no .gitignore, so a run's warehouse would be committed")
	}
	for file, content := range files {
		if bytes.Contains(content, []byte("{{")) {
			t.Errorf("%s: a placeholder is left", file)
		}
	}
}

func TestStarterKeepsAnyName(t *testing.T) {
	for _, name := range []string{"Trafford Council", `O'Neil & "Sons": #1 {{organisation}}`, "Cyngor Sir Ynys Môn"} {
		t.Run(name, func(t *testing.T) {
			files := start(t, "E08000009", name)
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, council.File), files[council.File], 0o600); err != nil {
				t.Fatal(err)
			}
			settings, err := council.Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			if settings.Name != name || settings.Organisation != "E08000009" {
				t.Errorf("the settings name %q, %s", settings.Name, settings.Organisation)
			}
		})
	}
}

func TestStarterHasTheReferenceOfTheNationAndNoPlaceOfTrafford(t *testing.T) {
	files, known := start(t, "E10000014", "Hampshire County Council"), authorities(t)
	if !bytes.Equal(files["reference/authorities.csv"], readAll(t, "trafford")["reference/authorities.csv"]) {
		t.Error("the list of authorities differs from Trafford's")
	}
	areas := column(t, files["reference/areas.csv"], "area_code")
	if len(areas) != 13 {
		t.Errorf("%d areas, want 4 nations and 9 regions: %v", len(areas), areas)
	}
	smaller := column(t, files["reference/area_lookup.csv"], "area_code")
	larger := column(t, files["reference/area_lookup.csv"], "larger_area_code")
	for i := range smaller {
		for _, code := range []string{smaller[i], larger[i]} {
			if _, found := known[code]; !found && !slices.Contains(areas, code) {
				t.Errorf("the lookup names %s, which no other file does", code)
			}
		}
	}
	for code, a := range known {
		if a.EndDate == "" && a.Tier != "combined" && !slices.Contains(smaller, code) {
			t.Errorf("%s %s lies in nothing", code, a.Name)
		}
	}
}

func TestEveryCouncilHasPeersOfItsKind(t *testing.T) {
	known := authorities(t)
	groups := map[string]int{}
	for code, a := range known {
		if a.EndDate != "" {
			continue
		}
		starter, err := examples.NewStarter(a, a.OfficialName)
		if err != nil {
			t.Fatal(err)
		}
		groups[starter.PeerGroup]++
		if len(starter.Peers) < 4 && a.Tier != "combined" {
			t.Errorf("%s %s has %d peers, too few for quartiles", code, a.Name, len(starter.Peers))
		}
		for i, peer := range starter.Peers {
			other, found := known[peer]
			if !found || other.EndDate != "" || peer == code || slices.Index(starter.Peers, peer) < i ||
				(other.Tier == "lower") != (a.Tier == "lower") || other.Tier == "combined" {
				t.Errorf("%s %s is compared with %s %s", code, a.Name, peer, other.Name)
			}
		}
	}
	want := map[string]int{"ons_nearest_neighbours": 153, "districts_of_county": 164, "councils_of_nation": 22 + 32 + 11, "": 15}
	for group, count := range want {
		if groups[group] != count {
			t.Errorf("%d councils compare with %q, want %d", groups[group], group, count)
		}
	}
}

func TestStarterOfACouncilWithoutPeersNamesNoGroup(t *testing.T) {
	files := start(t, "E47000001", "Greater Manchester Combined Authority")
	if peers := column(t, files["reference/peer_groups.csv"], "peer_code"); len(peers) > 0 {
		t.Errorf("it is compared with %v", peers)
	}
	for file, content := range files {
		if strings.HasPrefix(file, "measures/") && bytes.Contains(content, []byte("peer_group")) {
			t.Errorf("%s names a group", file)
		}
		if filepath.Base(file) == "peers.csv" {
			t.Errorf("%s has figures of peers", file)
		}
	}
}

func TestCouncilsThatAreNoMoreHaveSuccessorsThatAre(t *testing.T) {
	known := authorities(t)
	for code, a := range known {
		if a.EndDate == "" {
			continue
		}
		if a.EndDate > "2025-07-31" {
			t.Errorf("%s %s ends on %s, after the list was made: until then it must not be refused", code, a.Name, a.EndDate)
		}
		successors, err := examples.SuccessorsOf(a)
		if err != nil || len(successors) == 0 {
			t.Errorf("%s %s has no successor: %v", code, a.Name, err)
		}
		for _, next := range successors {
			if next.EndDate != "" {
				t.Errorf("%s %s is succeeded by %s, which is no more", code, a.Name, next.Name)
			}
		}
	}
}
