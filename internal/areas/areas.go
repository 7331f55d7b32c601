// Package areas knows the nine-character GSS codes of the United Kingdom's areas: their form, and what kind of area the
// first three characters stand for. A code says nothing of the area around it; that is data.
package areas

import "regexp"

var (
	usual  = regexp.MustCompile(`^[EWSNK][0-9]{8}$`)
	lawful = regexp.MustCompile(`^[EWSNKJLM][0-9]{8}$`)
)

// IsCode says whether text has the form of a GSS code.
func IsCode(text string) bool { return lawful.MatchString(text) }

// IsUsual says whether a code begins with a letter that published files use; others deserve a warning.
func IsUsual(code string) bool { return usual.MatchString(code) }

// kinds names an area by the first three characters of its code (domain rules, section 5.2).
var kinds = map[string]string{
	"E00": "output area", "W00": "output area", "S00": "output area", "N00": "output area",
	"E01": "LSOA", "W01": "LSOA", "S01": "data zone", "N20": "data zone",
	"E02": "MSOA", "W02": "MSOA", "S02": "intermediate zone", "N21": "super data zone",
	"E04": "parish", "W04": "community",
	"E05": "ward", "W05": "ward", "S13": "ward", "N08": "ward", "E58": "electoral division",
	"E06": "unitary authority", "E07": "district", "E08": "metropolitan district", "E09": "London borough",
	"E10": "county", "E11": "metropolitan county", "E12": "region",
	"W06": "unitary authority", "S12": "unitary authority", "N09": "district",
	"E14": "constituency", "W07": "constituency", "S14": "constituency", "N05": "constituency", "N06": "constituency",
	"E23": "police force area", "E31": "fire and rescue authority", "E47": "combined authority",
	"E92": "country", "W92": "country", "S92": "country", "N92": "country",
	"K02": "United Kingdom", "K03": "Great Britain", "K04": "England and Wales",
}

// Kind is the kind of area a code stands for, or "" where it is not known.
func Kind(code string) string {
	if len(code) < 3 {
		return ""
	}
	return kinds[code[:3]]
}
