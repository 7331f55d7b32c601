package measures

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/goldentest"
)

const smallPlan = `priorities: [{code: climate, name: Climate crisis, outcomes: [{code: waste, name: Less waste}, {code: air, name: Clean air}]}]
themes: [{code: climate_crisis, name: Climate crisis}]
`

func TestFaultsOfAMeasureAreToldAtOnce(t *testing.T) {
	for _, path := range found(t, "testdata/*.bad.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			_, err := Parse(map[string][]byte{PlanFile: []byte(smallPlan), "measures/" + filepath.Base(path): read(t, path)})
			checkFaults(t, strings.TrimSuffix(path, ".yaml")+".txt", err)
		})
	}
}

func TestFaultsBetweenFilesAreToldAtOnce(t *testing.T) {
	for _, path := range found(t, "testdata/*.txtar") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			_, err := Parse(texts(txtar.Parse(read(t, path))))
			checkFaults(t, strings.TrimSuffix(path, ".txtar")+".txt", err)
		})
	}
}

func TestABrokenFileDoesNotMakeOthersLookWrong(t *testing.T) {
	_, err := Parse(map[string][]byte{
		PlanFile:              []byte("report_sets: [{code: cabinet, name: Cabinet, measures: [ENV01]}]"),
		"measures/ENV01.yaml": []byte("code: [ENV01"),
		"measures/ENV01.sql":  []byte("select 1"),
	})
	if n := len(fault.List(err)); n != 1 || !strings.HasPrefix(err.Error(), "measures/ENV01.yaml:1: this is not YAML") {
		t.Errorf("got %d faults:\n%v", n, err)
	}
}

func TestTraffordIsRead(t *testing.T) {
	h, err := Load("../../examples/trafford")
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Measures) != 38 || h.Measures[0].Code != "CHI01" || len(h.Plan.Outcomes()) != 14 {
		t.Errorf("got %d measures, the first %s, and outcomes %q", len(h.Measures), h.Measures[0].Code, h.Plan.Outcomes())
	}
	for _, warning := range h.Warnings() {
		t.Errorf("a warning: %v", warning)
	}
	for _, m := range h.Measures {
		if (m.From == nil) != (m.Code == "CLI07" || m.Code == "CLI08") {
			t.Errorf("%s is from %+v with SQL %q", m.Code, m.From, m.SQL)
		}
	}
}

func TestWhatIsNotSaidIsFilledIn(t *testing.T) {
	h := parsed(t, map[string]string{
		"measures/a.yaml":    measure("ENV01", "from: {dataset: a.b, area: area_code, period: period, value: v, breakdown: {column: sex}}"),
		"measures/b.yaml":    measure("ENV02", "compliance: true"),
		"measures/ENV02.sql": "select 1",
	})
	a, b := h.Measures[0], h.Measures[1]
	got := []string{a.RAGScheme, a.RAGCompare, a.ToleranceKind, a.ToleranceValue, a.Status, a.Versions, a.From.Breakdown.Name,
		b.RAGScheme, b.ToleranceKind, b.ToleranceValue, b.Versions}
	want := []string{"standard", "unrounded", "relative", "0.05", "live", "by_row", "sex", "compliance", "none", "", "latest"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if where := a.Where("from.breakdown.column"); where != "measures/a.yaml:8" {
		t.Errorf("the breakdown stands at %s", where)
	}
}

func TestWarningsTellWhatTheGoldenThreadDoesNotJoin(t *testing.T) {
	h := parsed(t, map[string]string{
		PlanFile:          smallPlan,
		"measures/a.yaml": measure("ENV01", "value_type: percentage\nplan: [{outcome: climate.waste}]\nfrom: {dataset: a.b, area: area_code, period: period, numerator: n, denominator: d}"),
		"measures/b.yaml": measure("ENV02", "owner: Head of Waste\ntolerance_kind: relative\ntolerance_value: 5\nfrom: {dataset: a.b, area: area_code, period: period, value: v}"),
		"measures/c.yaml": measure("ENV03", "status: retired\nfrom: {dataset: a.b, area: area_code, period: period, value: v}"),
	})
	var told []string
	for _, warning := range h.Warnings() {
		told = append(told, strings.Split(warning.Error(), "\n")[0])
	}
	want := []string{
		"measures/a.yaml:1: nobody owns measure ENV01",
		"measures/a.yaml:8: the percentage ENV01 is a numerator divided by a denominator, times 1",
		"measures/b.yaml:1: measure ENV02 serves no outcome of the plan",
		"measures/b.yaml:10: tolerance_value 5 of ENV02 is 5 times the target, so nothing near it is red",
		"plan.yaml:1: no measure shows whether outcome climate.air is reached",
	}
	if strings.Join(told, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
}

// measure is a file that is right but for what is added to it.
func measure(code, more string) string {
	return "code: " + code + "\nname: Waste\nunit: kg\ndecimals: 0\npolarity: lower\nfrequency: annual\nperiod_basis: financial\n" +
		more + "\naccumulation: flow\n"
}

func parsed(t *testing.T, files map[string]string) *Handbook {
	t.Helper()
	bytes := map[string][]byte{}
	for name, text := range files {
		bytes[name] = []byte(text)
	}
	h, err := Parse(bytes)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func texts(a *txtar.Archive) map[string][]byte {
	files := map[string][]byte{}
	for _, file := range a.Files {
		files[file.Name] = file.Data
	}
	return files
}

func found(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatal(pattern, err)
	}
	return paths
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// checkFaults compares the faults with those of a file.
func checkFaults(t *testing.T, path string, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("no fault was found")
	}
	goldentest.Check(t, path, err.Error()+"\n")
}
