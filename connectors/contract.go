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
	Name           string                         `yaml:"name"`
	Description    string                         `yaml:"description"`
	Mode           Mode                           `yaml:"mode"`
	Key            []string                       `yaml:"key"`
	OnNewColumn    string                         `yaml:"on_new_column"`
	MaxQuarantined *float64                       `yaml:"max_quarantined"`
	VolumeGuard    strictyaml.TextOr[VolumeTerms] `yaml:"volume_guard"`
	Owner          string                         `yaml:"owner"`
	Refresh        string                         `yaml:"refresh"`
	Columns        strictyaml.Map[ColumnTerms]    `yaml:"columns"`
	PersonalData   string                         `yaml:"personal_data"`
}

// ColumnTerms is what a contract says of one column.
type ColumnTerms struct {
	Type         string            `yaml:"type"`
	Description  string            `yaml:"description"`
	Required     bool              `yaml:"required"`
	Header       strictyaml.Texts  `yaml:"header"`
	Values       []string          `yaml:"values"`
	Pattern      string            `yaml:"pattern"`
	Statuses     map[string]string `yaml:"statuses"`
	Form         strictyaml.Texts  `yaml:"form"`
	Basis        string            `yaml:"basis"`
	DateOrder    string            `yaml:"date_order"`
	Number       strictyaml.Texts  `yaml:"number"`
	Yes          strictyaml.Texts  `yaml:"yes"`
	No           strictyaml.Texts  `yaml:"no"`
	PersonalData string            `yaml:"personal_data"`
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
