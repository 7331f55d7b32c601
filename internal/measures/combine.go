package measures

import (
	"math/big"
	"slices"
)

// combinations finds fields that are right by themselves and contradict each other.
func (c *checker) combinations() {
	c.band()
	c.status()
	c.aggregations()
	c.ratios()
}

func (c *checker) band() {
	switch {
	case c.Polarity == "band" && c.BandLow == "" && c.BandHigh == "":
		c.fault("polarity", "add band_low, band_high or both", "polarity is band and the measure has no bounds")
	case c.Polarity != "band" && c.BandLow != "":
		c.fault("band_low", "leave it out, or write polarity: band", "band_low has no meaning with polarity %s", c.Polarity)
	case c.Polarity != "band" && c.BandHigh != "":
		c.fault("band_high", "leave it out, or write polarity: band", "band_high has no meaning with polarity %s", c.Polarity)
	case Less(c.BandHigh, c.BandLow):
		c.fault("band_low", "exchange the two", "band_low %s is above band_high %s", c.BandLow, c.BandHigh)
	}
}

// Less says whether number a is below number b. An open bound, which is empty, is neither above nor below anything.
func Less(a, b string) bool {
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	return okX && okY && x.Cmp(y) < 0
}

// IsZero says whether a number is nought, or not there.
func IsZero(number string) bool {
	x, ok := new(big.Rat).SetString(number)
	return !ok || x.Sign() == 0
}

// status finds what contradicts the way a value is judged.
func (c *checker) status() {
	if c.Compliance && c.RAGScheme != "compliance" {
		c.fault("rag_scheme", "leave it out, or write compliance: false", "a measure of compliance is met or not met, and rag_scheme is %s", c.RAGScheme)
	}
	if c.Compliance && c.Polarity == "context" {
		c.fault("polarity", "write higher or lower, or compliance: false", "a measure of compliance needs to know which side of the target is good, and polarity is context")
	}
	if c.ToleranceKind == "none" && !IsZero(c.ToleranceValue) {
		c.fault("tolerance_value", "leave it out, or write tolerance_kind: absolute or relative", "tolerance_value is %s and tolerance_kind is none", c.ToleranceValue)
	}
	if c.ToleranceKind != "none" && c.ToleranceValue == "" {
		c.fault("tolerance_kind", "add tolerance_value, such as 0.05 for 5 per cent of the target with tolerance_kind: relative", "tolerance_kind is %s and the measure has no tolerance_value", c.ToleranceKind)
	}
	if c.ToleranceValue != "" && c.ToleranceKind == "" {
		c.fault("tolerance_value", "a share of the target is relative, units of the measure are absolute", "tolerance_value %s does not say of what", c.ToleranceValue)
	}
}

// reasons say why the values of shorter periods do not add up to that of a longer one.
var reasons = map[string]string{
	"cumulative": "each value of a cumulative measure holds those before it, so a sum counts them again",
	"snapshot":   "a snapshot is a level at a date, and levels at several dates do not add up",
	"rolling":    "rolling periods overlap, so a sum counts the same months again",
}

func (c *checker) aggregations() {
	if why, overlaps := reasons[c.Accumulation]; overlaps && c.TimeAggregation == "sum" {
		c.fault("time_aggregation", "write last or none", "time_aggregation sum contradicts accumulation %s: %s", c.Accumulation, why)
	}
	if !slices.Contains([]string{"percentage", "rate", "ratio", "mean", "median", "index"}, c.ValueType) {
		return
	}
	for _, field := range []struct{ name, value string }{{"time_aggregation", c.TimeAggregation}, {"geo_aggregation", c.GeoAggregation}} {
		if field.value == "sum" {
			c.fault(field.name, "write ratio_of_sums where numerator and denominator are held, else none", "values of type %s do not add up, and %s is sum", c.ValueType, field.name)
		}
	}
}

// ratios finds out whether what would be summed is there.
func (c *checker) ratios() {
	if c.From == nil || c.From.Numerator != "" {
		return
	}
	for _, field := range []struct{ name, value string }{{"time_aggregation", c.TimeAggregation}, {"geo_aggregation", c.GeoAggregation}} {
		if field.value == "ratio_of_sums" {
			c.fault(field.name, "add numerator and denominator to from, or write none", "%s is ratio_of_sums and from has no numerator", field.name)
		}
	}
}
