package connectors

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
)

// A Mode says what a load means for the rows it does not hold.
type Mode string

const (
	Snapshot  Mode = "snapshot"  // what came is everything: a missing key is a deletion
	Increment Mode = "increment" // only what changed
	Append    Mode = "append"    // events: a key seen before is ignored
)

// A Kind is the type of a column as it lands.
type Kind string

const (
	Text      Kind = "text"      // as it stands in the source, outer spaces included
	Integer   Kind = "integer"   // a whole number of 64 bits
	Decimal   Kind = "decimal"   // exact, with up to 38 digits
	Date      Kind = "date"      // a day, in no time zone
	Timestamp Kind = "timestamp" // a moment in UTC, to the microsecond
	Boolean   Kind = "boolean"
	Period    Kind = "period"    // a canonical period code, such as FY2024-25
	AreaCode  Kind = "area_code" // a nine-character GSS code
)

// A Column is one column of a dataset's contract.
type Column struct {
	Name        string
	Description string
	Kind        Kind
	Precision   int32 // of a decimal
	Scale       int32
	Required    bool
	// Headers are the names the column may have in the file; Name itself where there are none.
	Headers []string
	// Values are the only texts allowed; any where empty.
	Values []string
	// Pattern is a regular expression that the whole text must match; any where empty.
	Pattern string
	// Statuses maps a source text that stands for no value to its status (missing, suppressed …). Where there
	// is one, the column is followed by <name>_status.
	Statuses map[string]string
	// Forms are the period forms a label may have, tried in order; see internal/periods.
	Forms []string
	// Basis is the year of pooled_years labels: calendar, financial or academic.
	Basis string
	// DateOrder is dmy (default), mdy or ymd.
	DateOrder string
	// Number says which signs a number may carry beside its digits: thousands, currency, percent, brackets, trailing_minus.
	Number []string
	// Yes and No are the texts of a boolean; the defaults are true/false, yes/no, y/n and 1/0, in any case.
	Yes, No []string
	// PersonalData is none, or the class of personal data held; unclassed in a column that the contract does not name.
	PersonalData string
}

// Valued says whether the column is followed by one with its status.
func (c Column) Valued() bool { return len(c.Statuses) > 0 }

// ArrowType is the type in which the column's values travel.
func (c Column) ArrowType() arrow.DataType {
	switch c.Kind {
	case Integer:
		return arrow.PrimitiveTypes.Int64
	case Decimal:
		return &arrow.Decimal128Type{Precision: c.Precision, Scale: c.Scale}
	case Date:
		return arrow.FixedWidthTypes.Date32
	case Timestamp:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	case Boolean:
		return arrow.FixedWidthTypes.Boolean
	default:
		return arrow.BinaryTypes.String
	}
}

// A Dataset is one table that a source can give, under its contract.
type Dataset struct {
	Source      string
	Name        string
	Description string
	Mode        Mode
	Key         []string
	Columns     []Column
	// MaxQuarantined is the share of rows, 0 to 1, above which the whole load is refused.
	MaxQuarantined float64
	// Volume bounds how many rows a load may bring; nil where any number is believed.
	Volume *Volume
	// Feeds is the relation of the council's own folder, such as reference.peer_groups, in which the rows are shown beside
	// what the folder says. The columns they share have the same names. Empty for nearly every dataset.
	Feeds string
	// Owner is who sends the data; Refresh is how often: monthly, quarterly, annual …. Both may be empty.
	Owner, Refresh string
}

// RowColumn names the physical line on which a record begins.
const RowColumn = "_row"

// Schema is that of the batches a source yields: each column of the contract, with its status after it where it has
// one, then the physical line on which the record begins.
func (d Dataset) Schema() *arrow.Schema {
	fields := make([]arrow.Field, 0, len(d.Columns)+1)
	for _, c := range d.Columns {
		fields = append(fields, arrow.Field{Name: c.Name, Type: c.ArrowType(), Nullable: true})
		if c.Valued() {
			fields = append(fields, arrow.Field{Name: c.Name + "_status", Type: arrow.BinaryTypes.String, Nullable: true})
		}
	}
	fields = append(fields, arrow.Field{Name: RowColumn, Type: arrow.PrimitiveTypes.Int64})
	return arrow.NewSchema(fields, nil)
}

// Table is the dataset's name in the schemas raw, current and history.
func (d Dataset) Table() string { return fmt.Sprintf("%s__%s", d.Source, d.Name) }
