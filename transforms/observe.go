package transforms

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"text/template"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/measures"
)

// The tables that the program writes from the measures. Each measure has a table of its own, with two underscores and
// its code after the name; the tables here are their unions, a partition a measure.
const (
	Observations        = "intermediate.int_observations"
	ObservationVersions = "intermediate.int_observation_versions"
)

// ObservationsOf is the table of one measure's observations.
func ObservationsOf(code string) string { return strings.ToLower(Observations + "__" + code) }

// VersionsOf is the table of every version of one measure's observations.
func VersionsOf(code string) string { return strings.ToLower(ObservationVersions + "__" + code) }

//go:embed observations.sql.tmpl
var observationsText string

var observationsTemplate = template.Must(template.New("observations").Parse(observationsText))

// observationColumns are the columns of the observations, as models and people see them.
var observationColumns = append(slices.Clone(sharedColumns),
	Column{"is_only_row", "boolean", "Whether the dataset's key says that no other of its rows is of the same observation."})

// versionColumns are those of the versions.
var versionColumns = append(slices.Clone(sharedColumns),
	Column{"recorded_at", "timestamp with time zone", "When we stored this version."},
	Column{"is_deleted", "boolean", "Whether the source withdrew the row with this version."},
	Column{"is_replaced", "boolean", "Whether the row was replaced or withdrawn since; true too where nobody can tell."})

var sharedColumns = []Column{
	{"measure_code", "varchar", "Code of the measure."},
	{"organisation_code", "varchar", "Code of the organisation, where the measure gives one."},
	{"area_code", "varchar", "GSS code of the area."},
	{"breakdown_code", "varchar", "The cut of the population: all, or its name, a colon and the source's text."},
	{"breakdown_name", "varchar", "Name of the cut; null for all."},
	{"breakdown_text", "varchar", "What the source calls this part of the cut; null for all."},
	{"period_code", "varchar", "Canonical code of the period."},
	{"value", "decimal(38, 10)", "The value; null where value_status says why."},
	{"numerator", "decimal(38, 10)", "What is counted, where the source gives it."},
	{"denominator", "decimal(38, 10)", "What it is a share of, where the source gives it."},
	{"value_status", "varchar", "ok, or why there is no value or how firm it is."},
	{"published_at", "date", "Day of the source's edition, where it has one."},
	{"_load_id", "bigint", "Load that brought the row."},
	{"_extract_id", "bigint", "File or page that the row stands in."},
	{"_row", "bigint", "Line on which the row begins."},
}

// addMeasures writes the models of the measures and adds them, and the unions, to the set.
func (s *Set) addMeasures(ctx context.Context, l *lab, all []*measures.Measure, relations map[string]Relation) error {
	var faults []error
	var pieces, versions []*Model
	keys := map[string][]string{}
	for _, dataset := range s.datasets {
		keys[dataset.Name] = dataset.Key
	}
	for _, measure := range all {
		w := writer{Measure: measure, lab: l, relations: relations, keys: keys}
		piece, err := w.write(ctx, false)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		pieces = append(pieces, piece)
		if w.Versions == measures.Latest {
			continue // the observation as it stands is all that is known
		}
		version, err := w.write(ctx, true)
		faults = append(faults, err)
		versions = append(versions, version)
	}
	if err := fault.Join(faults...); err != nil {
		return err
	}
	models := append(append(pieces, versions...),
		unionOf(Relation{Name: Observations, Description: "One row per measure, organisation, area, breakdown and period that a measure observes, as now known.", Columns: observationColumns}, pieces),
		unionOf(Relation{Name: ObservationVersions, Description: "One row per version of an observation: as each load gave it.", Columns: versionColumns}, versions))
	for _, m := range models {
		if s.byName[m.Name] != nil {
			faults = append(faults, m.fault(0, fmt.Sprintf("%s is there twice", m.Name), "codes of measures differ by more than capitals, and no model bears the name of a measure's table"))
		}
		s.byName[m.Name] = m
	}
	return fault.Join(faults...)
}

// unionOf is the view that joins the tables of the measures: each is a partition of it.
func unionOf(joined Relation, pieces []*Model) *Model {
	m := &Model{Name: joined.Name, Description: joined.Description, Kind: View, PartitionBy: "measure_code", Columns: joined.Columns,
		File: "measures", ours: true}
	names := quoteNames(m.columnNames())
	selects := []string{noRows(joined.Columns)}
	for _, made := range pieces {
		m.pieces = append(m.pieces, piece{made.Name, made.pieceOf})
		selects = append(selects, "select "+names+" from "+quoteName(made.Name))
	}
	m.sql = strings.Join(selects, "\nunion all\n")
	m.text = m.sql
	return m
}

// A writer writes the models of one measure.
type writer struct {
	*measures.Measure
	lab       *lab
	relations map[string]Relation
	keys      map[string][]string // of the datasets
}

// page is what the template is filled in with.
type page struct {
	Title, File, Code                       string
	Area, Breakdown, Numerator, Denominator string
	Taken                                   []taken
	Where                                   []string
	SQL                                     string
	Multiplier                              int64
	NullAsZero, Versions, Divides, OnlyRows bool

	given []string // columns that SQL gives
}

// A taken is a series and the table it is taken from: the present rows, or those that were replaced.
type taken struct {
	series
	Relation string
	Replaced bool
}

// A series is a column of values and the periods they are of. A dataset has one, or one for each period.
type series struct{ Period, Value, Status string }

// Column is a column that the measure's SQL gives, in its type, or null where it gives none.
func (p page) Column(name, kind string) string {
	if contains(p.given, name) {
		return fmt.Sprintf("cast(computed.%s as %s)", quoteName(name), kind)
	}
	return fmt.Sprintf("cast(null as %s)", kind)
}

// write makes the model of the newest observations or, with versions, of all there were.
func (w writer) write(ctx context.Context, versions bool) (*Model, error) {
	m := &Model{Name: ObservationsOf(w.Code), Kind: View, Measure: w.Code, pieceOf: w.Code, File: w.File, SQLFile: w.SQLFile,
		Description: fmt.Sprintf("Observations of %s, %s.", w.Code, w.Name), Columns: observationColumns,
		unversioned: map[string]bool{"meta.stored_extracts": true, "meta.stored_loads": true},
		where:       func(int) string { return w.Where("") }}
	if versions {
		m.Name, m.Columns, m.Measure = VersionsOf(w.Code), versionColumns, ""
		m.Description = fmt.Sprintf("Every version of the observations of %s, %s.", w.Code, w.Name)
	} else {
		m.Grain = []string{"organisation_code", "area_code", "breakdown_code", "period_code"}
	}
	p := page{Title: m.Description, File: w.File, Code: quoteText(w.Code), Multiplier: max(w.Multiplier, 1),
		NullAsZero: w.NullAsZero, Versions: versions}
	var err error
	if w.SQL != "" {
		m.Kind = Table // it may take long, and is read more than once
		err = w.fillSQL(ctx, m, &p)
	} else {
		err = w.fillFrom(&p)
	}
	if err != nil {
		return nil, err
	}
	if !versions {
		m.Tests = w.tests(m, p.OnlyRows)
	}
	var b bytes.Buffer
	if err := observationsTemplate.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("writing the SQL of %s: %w", w.Code, err)
	}
	m.setSQL(b.String())
	if !versions {
		if m.landed, err = p.landedTotals(m); err != nil {
			return nil, err
		}
	}
	if w.SQL != "" {
		w.lineUp(m)
	}
	return m, nil
}

func (m *Model) setSQL(text string) { m.sql, m.text = text, splitStatements(text)[0].Text }

// tests are those that every measure must pass: none without a period, and no observation twice. The latter need not be
// asked where the dataset's key says it.
func (w writer) tests(m *Model, onlyRows bool) []Test {
	once, dated := Test{Severity: SeverityError, Where: w.Where("from")}, Test{Severity: SeverityError, Where: w.Where("from")}
	once.unique(m.Grain)
	dated.notNull([]string{"area_code", "period_code"}, m.Grain)
	if onlyRows {
		return []Test{dated}
	}
	return []Test{once, dated}
}

// lineUp makes faults in the measure's own SQL bear the lines of its file.
func (w writer) lineUp(m *Model) {
	first := lineAt(m.sql, strings.Index(m.sql, "    from (\n")+len("    from (\n"))
	count := strings.Count(w.SQL, "\n") + 1
	m.where = func(line int) string {
		if line >= first && line < first+count {
			return fmt.Sprintf("%s:%d", w.SQLFile, line-first+1)
		}
		return fmt.Sprintf("%s:1", w.SQLFile)
	}
}

// fillSQL takes a measure's own SQL, with its datasets as tables, and learns which columns it gives.
func (w writer) fillSQL(ctx context.Context, m *Model, p *page) error {
	at := func(line int) string { return fmt.Sprintf("%s:%d", w.SQLFile, max(line, 1)) }
	schema := "current."
	if p.Versions {
		schema = "raw." // a row that a load withdrew has line 0 there
	}
	text, err := w.placeDatasets(ctx, schema, at)
	if err != nil {
		return err
	}
	names, err := queryTexts(ctx, w.lab.conn, "select column_name from (describe\n"+text+"\n)")
	if err != nil {
		return engineFault(err, func(line int) string { return at(line - 1) })
	}
	var faults []error
	for _, need := range []string{"area_code", "period_code"} {
		if !contains(names, need) {
			faults = append(faults, &fault.Error{Where: at(1), What: fmt.Sprintf("the SELECT gives no column %q", need),
				Fix: fault.DidYouMean(need, "it gives", names)})
		}
	}
	for _, name := range names {
		if !contains(givenColumns, name) {
			faults = append(faults, &fault.Error{Where: at(1), What: fmt.Sprintf("the SELECT gives a column %q, which an observation does not have", name),
				Fix: fault.DidYouMean(name, "columns", givenColumns)})
		}
	}
	p.SQL, p.given = text, names
	p.Divides = contains(names, "numerator") && contains(names, "denominator")
	return fault.Join(faults...)
}

// givenColumns are those that a measure's own SQL may give.
var givenColumns = []string{"organisation_code", "area_code", "breakdown_code", "period_code", "value", "numerator",
	"denominator", "value_status", "_load_id", "_extract_id", "_row"}

// placeDatasets puts the dataset's table, of all rows or the newest, in the place of each source.dataset in the
// measure's SQL.
func (w writer) placeDatasets(ctx context.Context, in string, at func(int) string) (string, error) {
	text := w.SQL
	if parts := splitStatements(text); len(parts) == 1 {
		text = text[:statementEnd(text)]
	}
	found, err := w.lab.read(ctx, text)
	var wrong *syntaxError
	if errors.As(err, &wrong) {
		return "", &fault.Error{Where: at(lineAt(text, wrong.Offset)), What: wrong.What, Fix: "a measure's SQL is one SELECT"}
	} else if err != nil {
		return "", err
	}
	sort.Slice(found.Relations, func(i, j int) bool { return found.Relations[i].Offset > found.Relations[j].Offset })
	for _, use := range found.Relations {
		schema, table, _ := strings.Cut(use.Name, ".")
		if schema == "reference" {
			continue
		}
		placed := in + schema + "__" + table
		if _, ok := w.relations[placed]; !ok {
			return "", &fault.Error{Where: at(lineAt(text, use.Offset)), What: fmt.Sprintf("unknown dataset %q", use.Name),
				Fix: fault.DidYouMean(use.Name, "datasets", w.datasets())}
		}
		if use.Alias == "" {
			placed += " as " + quoteName(table)
		}
		text = text[:use.Offset] + placed + text[use.Offset+nameLength(text[use.Offset:]):]
	}
	return strings.TrimRight(text, " \t\r\n"), nil
}

// nameLength is how many bytes the dotted name takes that text begins with.
func nameLength(text string) int {
	for i := 0; i < len(text); {
		if n := quotedLength(text[i:]); n > 0 && text[i] == '"' {
			i += n
			continue
		}
		if c := text[i]; c != '.' && c != '_' && c < 0x80 && !(c >= '0' && c <= '9') && !(c|0x20 >= 'a' && c|0x20 <= 'z') {
			return i
		}
		i++
	}
	return len(text)
}

// datasets are the names a measure may use.
func (w writer) datasets() []string {
	var names []string
	for _, name := range sortedKeys(w.relations) {
		if dataset, ok := strings.CutPrefix(name, "current."); ok {
			names = append(names, strings.Replace(dataset, "__", ".", 1))
		}
	}
	return names
}
