package handbook

import (
	"strconv"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/measures"
)

// A measureColumn is a column of the handbook with the text that a measure gives it.
type measureColumn struct {
	connectors.Column
	of func(m *measures.Measure) string
}

// measureColumns are the columns of the handbook in order.
var measureColumns = []measureColumn{
	{code("measure_code", "Code of the measure."), func(m *measures.Measure) string { return m.Code }},
	{code("name", "Full name."), func(m *measures.Measure) string { return m.Name }},
	{text("short_name", "Name for tables and charts."), func(m *measures.Measure) string { return m.ShortName }},
	{text("description", "What is counted or measured."), func(m *measures.Measure) string { return m.Description }},
	{text("rationale", "Why it is measured and what a good result means."), func(m *measures.Measure) string { return m.Rationale }},
	{text("unit", "Unit of the value."), func(m *measures.Measure) string { return m.Unit }},
	{whole("decimals", "Decimals shown; values are held unrounded."), func(m *measures.Measure) string { return optional(m.Decimals) }},
	{text("polarity", "Which way is better: higher, lower, band or context."), func(m *measures.Measure) string { return m.Polarity }},
	{number("band_low", "Lower bound, where polarity is band."), func(m *measures.Measure) string { return m.BandLow }},
	{number("band_high", "Upper bound, where polarity is band."), func(m *measures.Measure) string { return m.BandHigh }},
	{text("value_type", "Kind of value, such as count, percentage or rate."), func(m *measures.Measure) string { return m.ValueType }},
	{whole("multiplier", "Numerator divided by denominator is multiplied by this."), func(m *measures.Measure) string { return strconv.FormatInt(m.Multiplier, 10) }},
	{text("measure_kind", "Outcome, output, input, efficiency, satisfaction, activity or context."), func(m *measures.Measure) string { return m.MeasureKind }},
	{text("influence", "How far the council can move it: control, influence or context."), func(m *measures.Measure) string { return m.Influence }},
	{boolean("compliance", "Whether it is met or not met, without tolerance."), func(m *measures.Measure) string { return strconv.FormatBool(m.Compliance) }},
	{text("statutory_return", "Return by law that it is part of."), func(m *measures.Measure) string { return m.StatutoryReturn }},
	{text("frequency", "How often a value comes."), func(m *measures.Measure) string { return m.Frequency }},
	{text("period_basis", "Kind of period: calendar, financial, academic, rolling …."), func(m *measures.Measure) string { return m.PeriodBasis }},
	{whole("reporting_lag_days", "Days from the end of a period until its value is there."), func(m *measures.Measure) string { return optional(m.ReportingLagDays) }},
	{text("accumulation", "Flow, cumulative, snapshot or rolling."), func(m *measures.Measure) string { return m.Accumulation }},
	{text("time_aggregation", "How shorter periods make a longer one."), func(m *measures.Measure) string { return m.TimeAggregation }},
	{text("geo_aggregation", "How areas make a larger one."), func(m *measures.Measure) string { return m.GeoAggregation }},
	{boolean("null_as_zero", "Whether a missing value means nought."), func(m *measures.Measure) string { return strconv.FormatBool(m.NullAsZero) }},
	{text("peer_group", "Group of councils it is compared with."), func(m *measures.Measure) string { return m.PeerGroup }},
	{text("rag_scheme", "How a value is judged: standard, compliance or target_then_dot."), func(m *measures.Measure) string { return m.RAGScheme }},
	{text("rag_compare", "Whether values are judged unrounded or as displayed."), func(m *measures.Measure) string { return m.RAGCompare }},
	{text("tolerance_kind", "Whether the width of amber is relative to the target, absolute or none."), func(m *measures.Measure) string { return m.ToleranceKind }},
	{number("tolerance_value", "Width of amber."), func(m *measures.Measure) string { return m.ToleranceValue }},
	{number("dot_min_change", "Change up to which the direction of travel is no change."), func(m *measures.Measure) string { return m.DOTMinChange }},
	{text("owner", "Post that answers for the result."), func(m *measures.Measure) string { return m.Owner }},
	{text("data_owner", "Who answers for the data."), func(m *measures.Measure) string { return m.DataOwner }},
	{text("submitter", "Who sends or enters the data."), func(m *measures.Measure) string { return m.Submitter }},
	{text("portfolio_holder", "Cabinet member's area it belongs to."), func(m *measures.Measure) string { return m.PortfolioHolder }},
	{text("directorate", "Directorate it belongs to."), func(m *measures.Measure) string { return m.Directorate }},
	{text("source_note", "Where the data comes from, in words."), func(m *measures.Measure) string { return m.SourceNote }},
	{text("licence", "Licence of the data."), func(m *measures.Measure) string { return m.Licence }},
	{text("calculation_method", "How the value is worked out, in words."), func(m *measures.Measure) string { return m.CalculationMethod }},
	{text("data_quality", "good, acceptable or poor."), func(m *measures.Measure) string { return m.DataQuality }},
	{text("data_quality_note", "What to bear in mind about the data."), func(m *measures.Measure) string { return m.DataQualityNote }},
	{text("publication", "internal, restricted or public."), func(m *measures.Measure) string { return m.Publication }},
	{text("status", "draft, live, suspended or retired."), func(m *measures.Measure) string { return m.Status }},
	{date("review_date", "Day by which the definition is looked at again."), func(m *measures.Measure) string { return m.ReviewDate }},
	{date("valid_from", "First day of this version of the definition, where it is said."), func(m *measures.Measure) string { return m.ValidFrom }},
	{boolean("break_in_series", "Whether values before this version cannot be compared."), func(m *measures.Measure) string { return strconv.FormatBool(m.BreakInSeries) }},
	{text("break_note", "Why they cannot."), func(m *measures.Measure) string { return m.BreakNote }},
	{text("change_reason", "Why the definition was changed."), func(m *measures.Measure) string { return m.ChangeReason }},
	{text("approved_by", "Who approved this version."), func(m *measures.Measure) string { return m.ApprovedBy }},
	{date("approved_at", "Day of the approval."), func(m *measures.Measure) string { return m.ApprovedAt }},
	{code("definition_hash", "Changes with what the figures are made of, and with nothing else."), (*measures.Measure).DefinitionHash},
	{code("definition_text", "What the figures are made of."), (*measures.Measure).DefinitionText},
	{code("file", "File that describes the measure."), func(m *measures.Measure) string { return m.File }},
	{whole("line", "Line of its code in that file."), func(m *measures.Measure) string { return strconv.FormatInt(lineOf(m.Where("code")), 10) }},
}

func optional(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func measureRow(m *measures.Measure) [][]byte {
	row := make([][]byte, len(measureColumns))
	for i, c := range measureColumns {
		row[i] = []byte(c.of(m))
	}
	return row
}
