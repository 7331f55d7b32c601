// Package measures reads a council's measure handbook and the plan it serves: measures/*.yaml, measures/*.sql and plan.yaml
// of the council's folder. What it gives is whole and consistent; all that is wrong is told at once, with file and line.
package measures

import (
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// A Measure is a defined quantity, as one file of measures/ says. Numbers and dates are kept as the texts they are written
// in, which have been found to be numbers and dates: nothing here may pass through a float.
type Measure struct {
	Code        string `yaml:"code"` // by which all else names the measure; the file is called by it
	Name        string `yaml:"name"`
	ShortName   string `yaml:"short_name"`
	Description string `yaml:"description"`
	Rationale   string `yaml:"rationale"`

	Unit      string `yaml:"unit"`
	Decimals  *int   `yaml:"decimals"` // of the displayed value
	Polarity  string `yaml:"polarity"`
	BandLow   string `yaml:"band_low"`
	BandHigh  string `yaml:"band_high"`
	ValueType string `yaml:"value_type"`
	// Multiplier makes a value of numerator and denominator: value = numerator * multiplier / denominator.
	Multiplier      int64  `yaml:"multiplier"`
	MeasureKind     string `yaml:"measure_kind"`
	Influence       string `yaml:"influence"`
	Compliance      bool   `yaml:"compliance"` // met or not met, without tolerance
	StatutoryReturn string `yaml:"statutory_return"`

	Frequency        string `yaml:"frequency"`
	PeriodBasis      string `yaml:"period_basis"`
	ReportingLagDays *int   `yaml:"reporting_lag_days"`
	Accumulation     string `yaml:"accumulation"`
	TimeAggregation  string `yaml:"time_aggregation"`
	GeoAggregation   string `yaml:"geo_aggregation"`
	NullAsZero       bool   `yaml:"null_as_zero"`

	PeerGroup      string `yaml:"peer_group"`
	RAGScheme      string `yaml:"rag_scheme"`
	RAGCompare     string `yaml:"rag_compare"`
	ToleranceKind  string `yaml:"tolerance_kind"`
	ToleranceValue string `yaml:"tolerance_value"`
	DOTMinChange   string `yaml:"dot_min_change"`

	Owner           string   `yaml:"owner"`
	DataOwner       string   `yaml:"data_owner"`
	Submitter       string   `yaml:"submitter"`
	PortfolioHolder string   `yaml:"portfolio_holder"`
	Directorate     string   `yaml:"directorate"`
	Themes          []string `yaml:"themes"` // of plan.yaml that it belongs to, by their codes

	SourceNote        string `yaml:"source_note"`
	Licence           string `yaml:"licence"`
	CalculationMethod string `yaml:"calculation_method"`
	DataQuality       string `yaml:"data_quality"`
	DataQualityNote   string `yaml:"data_quality_note"`
	Publication       string `yaml:"publication"`

	Status        string `yaml:"status"`
	ReviewDate    string `yaml:"review_date"`
	ValidFrom     string `yaml:"valid_from"`
	BreakInSeries bool   `yaml:"break_in_series"`
	BreakNote     string `yaml:"break_note"`
	ChangeReason  string `yaml:"change_reason"`
	ApprovedBy    string `yaml:"approved_by"`
	ApprovedAt    string `yaml:"approved_at"`

	Plan     []Link `yaml:"plan"`
	From     *From  `yaml:"from"`
	Versions string `yaml:"versions"` // by_row, where nothing is said: each observation is made of one row; latest: of many

	File    string // within the council's folder
	SQL     string // in the place of From
	SQLFile string

	at *strictyaml.Positions
}

// A Link ties a measure to an outcome of the plan, for the periods named; open where one is empty.
type Link struct {
	Outcome string `yaml:"outcome"` // as priority.outcome
	From    string `yaml:"from"`    // first period
	To      string `yaml:"to"`      // last period
}

// From is where in a dataset the observations of a measure stand.
type From struct {
	Dataset string                           `yaml:"dataset"` // source.dataset
	Where   strictyaml.Map[strictyaml.Texts] `yaml:"where"`   // keeps rows whose column has one of the values
	Area    strictyaml.TextOr[Area]          `yaml:"area"`    // a column, or a constant
	Period  string                           `yaml:"period"`  // a column
	// Periods is for a sheet with a column for each period, in the place of Period and Value: by the period's code, the column
	// that holds its values.
	Periods strictyaml.Map[string] `yaml:"periods"`
	// Value is a column; where it stands beside numerator and denominator, it is preferred to what they make.
	Value       string     `yaml:"value"`
	Numerator   string     `yaml:"numerator"`   // a column
	Denominator string     `yaml:"denominator"` // a column
	Breakdown   *Breakdown `yaml:"breakdown"`
}

// An Area is the code of the one area that a dataset is about.
type Area struct {
	Constant string `yaml:"constant"` // a GSS code, or OwnArea
}

// OwnArea stands for the code of the council itself, which goldthread.yaml gives as its organisation.
const OwnArea = "organisation"

// A Breakdown is a column that cuts the population.
type Breakdown struct {
	Column string `yaml:"column"` // that holds the cut
	All    string `yaml:"all"`    // the text that means everybody; empty where there is none
	Name   string `yaml:"name"`   // of the cut; the column's where it is not given
}

// The versions that can be known of a measure's observations.
const (
	ByRow  = "by_row" // each observation is made of one row, so every version of the row is one of the observation
	Latest = "latest" // observations are computed of many rows, so only the present ones are known
)

// Where gives "file:line" of a field of the measure's file, by a dotted path such as "from.period".
func (m *Measure) Where(field string) string {
	if m.at == nil { // no file describes it
		return m.File
	}
	return m.at.Where(field)
}

// Of gives a measure that no file describes: its code, the place that a fault of it is told at, and where its values stand.
func Of(code, place string, from From) *Measure {
	m := defaults()
	m.Code, m.File, m.From = code, place, &from
	m.complete()
	return &m
}

// defaults is what holds where a measure's file says nothing. What depends on other fields is filled in by complete.
func defaults() Measure {
	return Measure{
		Frequency: "annual", Multiplier: 1, TimeAggregation: "none", GeoAggregation: "none", RAGCompare: "unrounded", DOTMinChange: "0",
		Publication: "internal", Status: "live",
	}
}

// complete fills in the defaults that depend on what the file does say.
func (m *Measure) complete() {
	scheme, kind, value := "standard", "relative", "0.05"
	if m.Compliance {
		scheme, kind, value = "compliance", "none", ""
	}
	if m.RAGScheme == "" {
		m.RAGScheme = scheme
	}
	if m.ToleranceKind == "" && m.ToleranceValue == "" {
		m.ToleranceKind, m.ToleranceValue = kind, value
	}
	if m.Versions == "" {
		m.Versions = ByRow
		if m.SQLFile != "" {
			m.Versions = Latest
		}
	}
	if m.From != nil && m.From.Breakdown != nil && m.From.Breakdown.Name == "" {
		m.From.Breakdown.Name = m.From.Breakdown.Column
	}
}
