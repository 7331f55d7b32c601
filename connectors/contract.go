package connectors

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// A Contract is what a source file says of one dataset, whatever its kind; a kind embeds it in settings of its own.
type Contract struct {
	// Name is what models and measures call the dataset, behind the source's name and a dot.
	Name string `yaml:"name"`
	// Description is what the rows are; BI tools show it.
	Description string `yaml:"description"`
	// Mode is what a load means for rows that it does not hold: snapshot (they are gone), increment (they stay) or append
	// (events; a key that was seen before is ignored).
	Mode Mode `yaml:"mode"`
	// Key names the columns that tell one row from another. Without one, rows are told apart by content and count.
	Key []string `yaml:"key"`
	// OnNewColumn says what becomes of a column that the contract does not name: refuse, where nothing is said; ignore; or add,
	// as text and unclassed personal data.
	OnNewColumn string `yaml:"on_new_column"`
	// MaxQuarantined is the share of rows, 0 to 1, above which a load is refused as a whole; 0.01 where nothing is said.
	MaxQuarantined *float64 `yaml:"max_quarantined"`
	// VolumeGuard says when a load of an unusual number of rows waits for a person's word; off turns it off.
	VolumeGuard strictyaml.TextOr[VolumeTerms] `yaml:"volume_guard"`
	// Owner is who sends the data.
	Owner string `yaml:"owner"`
	// Refresh is how often it comes: daily, weekly, monthly, quarterly, termly, half_yearly, annual or ad_hoc.
	Refresh string `yaml:"refresh"`
	// Columns are what rows hold, by the name under which each lands.
	Columns strictyaml.Map[ColumnTerms] `yaml:"columns"`
	// PersonalData is the class of personal data in all columns that do not say their own: none, personal or special_category.
	PersonalData string `yaml:"personal_data"`
}

// ColumnTerms is what a contract says of one column.
type ColumnTerms struct {
	// Type is text, integer, decimal(p,s) of at most 38 digits, date, timestamp, boolean, period or area_code (a GSS code).
	Type string `yaml:"type"`
	// Description is what the column holds; BI tools show it.
	Description string `yaml:"description"`
	// Required says that a row without a value is set aside.
	Required bool `yaml:"required"`
	// Header is the name, or the names, that the column may have at the source; its own where nothing is said.
	Header strictyaml.Texts `yaml:"header"`
	// Values are the only texts allowed.
	Values []string `yaml:"values"`
	// Pattern is a regular expression that the whole text must match.
	Pattern string `yaml:"pattern"`
	// Statuses are the texts that stand for no value, each with its status: missing, not_collected, not_function, not_due,
	// suppressed, zero_denominator, incomplete or not_additive. The status lands beside the value, as <name>_status.
	Statuses map[string]string `yaml:"statuses"`
	// Form is the form, or the forms, that a period's labels have: financial_year, quarter_end, month and so on.
	Form strictyaml.Texts `yaml:"form"`
	// Basis is the year of pooled years: calendar, financial or academic.
	Basis string `yaml:"basis"`
	// DateOrder is dmy, where nothing is said; mdy or ymd. Dates written 2026-07-31 are read in any case.
	DateOrder string `yaml:"date_order"`
	// Number is which signs a number may carry: thousands, currency, percent, brackets, trailing_minus.
	Number strictyaml.Texts `yaml:"number"`
	// Yes is the texts of a boolean that mean true; true, yes, y and 1 where nothing is said.
	Yes strictyaml.Texts `yaml:"yes"`
	// No is the texts of a boolean that mean false; false, no, n and 0 where nothing is said.
	No strictyaml.Texts `yaml:"no"`
	// PersonalData is the class of personal data in the column: none, personal or special_category.
	PersonalData string `yaml:"personal_data"`
}

// The words that settings of a contract may be.
var (
	modes      = []string{string(Snapshot), string(Increment), string(Append)}
	newColumns = []string{"add", "ignore", "refuse"}
	refreshes  = []string{"daily", "weekly", "monthly", "quarterly", "termly", "half_yearly", "annual", "ad_hoc"}
	personal   = []string{"none", "personal", "special_category"}
	bases      = []string{"calendar", "financial", "academic"}
	// absences are the statuses of a value that is not there.
	absences = []string{
		"missing", "not_collected", "not_function", "not_due", "suppressed", "zero_denominator", "incomplete", "not_additive",
	}
)

// defaultMaxQuarantined is the share of rows that may be set aside where a contract does not say.
const defaultMaxQuarantined = 0.01

var (
	identifier  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	decimalType = regexp.MustCompile(`^decimal\( *([0-9]{1,3}) *, *([0-9]{1,3}) *\)$`)
)

// Dataset is the contract as the runner knows it. The contract must be valid.
func (c Contract) Dataset(source string) Dataset {
	ds := Dataset{
		Source: source, Name: c.Name, Description: c.Description, Mode: c.Mode, Key: c.Key,
		MaxQuarantined: defaultMaxQuarantined, Volume: volume(c.VolumeGuard), Owner: c.Owner, Refresh: c.Refresh,
	}
	if c.MaxQuarantined != nil {
		ds.MaxQuarantined = *c.MaxQuarantined
	}
	for _, entry := range c.Columns {
		ds.Columns = append(ds.Columns, entry.Value.column(entry.Key, c.PersonalData))
	}
	return ds
}

func (t ColumnTerms) column(name, personalData string) Column {
	kind, precision, scale, _ := parseType(t.Type)
	c := Column{
		Name: name, Description: t.Description, Kind: kind, Precision: precision, Scale: scale, Required: t.Required,
		Headers: t.Header, Values: t.Values, Pattern: t.Pattern, Statuses: t.Statuses, Forms: t.Form, Basis: t.Basis,
		DateOrder: t.DateOrder, Number: t.Number, Yes: t.Yes, No: t.No, PersonalData: t.PersonalData,
	}
	if c.PersonalData == "" {
		c.PersonalData = personalData
	}
	return c
}

// parseType reads a type as a contract writes it, or says what is wrong with it.
func parseType(text string) (kind Kind, precision, scale int32, wrong string) {
	if slices.Contains(plainTypes, text) {
		return Kind(text), 0, 0, ""
	}
	m := decimalType.FindStringSubmatch(text)
	if m == nil {
		return "", 0, 0, fmt.Sprintf("unknown type %q", text)
	}
	p, _ := strconv.Atoi(m[1])
	s, _ := strconv.Atoi(m[2])
	if p < 1 || p > 38 || s > p {
		return Decimal, 0, 0, fmt.Sprintf("%s cannot be held: at most 38 digits, of which no more than all stand behind the point", text)
	}
	return Decimal, int32(p), int32(s), ""
}

var (
	plainTypes = []string{
		string(Text), string(Integer), string(Date), string(Timestamp), string(Boolean), string(Period), string(AreaCode),
	}
	typeNames = slices.Concat(plainTypes, []string{"decimal(18,6)"})
)

// An Inspector gathers the faults of a source file, each at its place.
type Inspector struct {
	at     *strictyaml.Positions
	faults []error
}

// Inspect begins to gather faults.
func Inspect(at *strictyaml.Positions) *Inspector { return &Inspector{at: at} }

// Err is all faults, in the order of their text, or nil.
func (i *Inspector) Err() error { return fault.Join(i.faults...) }

// Fault adds one at a dotted path such as "datasets[0].mode".
func (i *Inspector) Fault(dotted, fix, what string, args ...any) {
	i.faults = append(i.faults, &fault.Error{Where: i.at.Where(dotted), What: fmt.Sprintf(what, args...), Fix: fix})
}

// OneOf adds a fault where text is none of the words a setting may be. An empty text is none where must says so.
func (i *Inspector) OneOf(dotted, text string, words []string, must bool) {
	name := dotted[strings.LastIndexByte(dotted, '.')+1:]
	switch {
	case slices.Contains(words, text) || text == "" && !must:
	case text == "":
		i.Fault(dotted, "add "+name+": one of "+list(words), "%s is not given", name)
	default:
		i.Fault(dotted, fault.DidYouMean(text, name, words), "unknown %s %q", name, text)
	}
}
