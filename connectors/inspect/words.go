package inspect

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

var (
	areaLike     = regexp.MustCompile(`^[A-Z][0-9]{8}$`)
	dateLike     = regexp.MustCompile(`^[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{2,4}([ T].*)?$`)
	yearLike     = regexp.MustCompile(`^(19|20)[0-9]{2}(0[1-9]|1[0-2])?$`)
	exponentLike = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+$`)
	wholeNumber  = regexp.MustCompile(`^[0-9]+$`)
	numberLike   = regexp.MustCompile(`^[(+-]?£?-?[0-9][0-9,]*(\.[0-9]+)?%?[)-]?$|^-?\.[0-9]+$`)
)

// marks are texts that statistics put where there is no value, and the status each mostly stands for.
var marks = map[string]string{
	"NA": "missing", "N/A": "missing", "n/a": "missing", "na": "missing", "#N/A": "missing", "null": "missing", "NULL": "missing",
	"Null": "missing", "None": "missing", "nan": "missing", "NaN": "missing", "-": "missing", "–": "missing", "—": "missing",
	".": "missing", "..": "missing", "...": "missing", ":": "missing", "x": "missing", "[x]": "missing", "X": "missing",
	"Not available": "missing", "not available": "missing", "Unknown": "missing", "No data": "missing", "?": "missing",
	"#REF!": "missing", "#VALUE!": "missing", "#NAME?": "missing", "#NUM!": "missing", "#DIV/0!": "zero_denominator",
	"*": "suppressed", "**": "suppressed", "c": "suppressed", "C": "suppressed", "[c]": "suppressed", "~": "suppressed",
	"low": "suppressed", "[low]": "suppressed", "u": "suppressed", "[u]": "suppressed", "k": "suppressed", "Suppressed": "suppressed",
	"z": "not_function", "Z": "not_function", "[z]": "not_function", "Not applicable": "not_function", "not applicable": "not_function",
	"Not collected": "not_collected", "not collected": "not_collected",
}

// plainMarks are those of which nobody need be asked what they stand for.
var plainMarks = map[string]bool{
	"NA": true, "N/A": true, "n/a": true, "null": true, "NULL": true, "#N/A": true, "[c]": true, "[x]": true, "#DIV/0!": true,
	"Suppressed": true, "Not available": true, "not available": true,
}

func isDigits(text string) bool { return wholeNumber.MatchString(text) }

func isMark(text string) bool { return marks[text] != "" }

// clean is a text without outer spaces.
func clean(text string) string { return strings.TrimSpace(text) }

func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// signWords are what some signs of a heading are in a name.
var signWords = strings.NewReplacer("%", " percent ", "£", " pounds ", "&", " and ", "'", "", "’", "", "\uFEFF", "", "ï»¿", "")

const longestName = 60

// identify makes a name of lower case letters, digits and _ out of a heading; it is empty where nothing is left.
func identify(heading string) string {
	var b strings.Builder
	var before rune
	gap := false
	for _, r := range norm.NFD.String(signWords.Replace(heading)) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			if unicode.IsUpper(r) && unicode.IsLower(before) {
				gap = true
			}
			if gap && b.Len() > 0 {
				b.WriteByte('_')
			}
			b.WriteRune(unicode.ToLower(r))
			gap = false
		default:
			gap = true
		}
		before = r
	}
	name := b.String()
	if len(name) > longestName {
		name = strings.TrimRight(name[:longestName], "_")
	}
	if name != "" && unicode.IsDigit(rune(name[0])) {
		name = "c" + name
	}
	return name
}

// unique gives a name that is not taken, by a number behind it.
func unique(name string, taken map[string]bool) string {
	chosen := name
	for n := 2; taken[chosen]; n++ {
		chosen = fmt.Sprintf("%s_%d", name, n)
	}
	taken[chosen] = true
	return chosen
}

// hasWord says whether a name holds one of the words as a part between underscores.
func hasWord(name string, words ...string) bool {
	for _, word := range words {
		if strings.Contains("_"+name+"_", "_"+word+"_") {
			return true
		}
	}
	return false
}

// personalData guesses from a column's name whether it tells of a person, and what is unsure about that.
func personalData(name string) (class, unsure string) {
	for _, of := range []string{"supplier", "council", "authority", "area", "ward", "region", "la", "body", "school", "file", "measure",
		"indicator", "organisation", "company", "vendor", "beneficiary", "merchant", "licence_holder", "dataset", "service"} {
		if hasWord(name, of) && hasWord(name, "name") {
			if hasWord(name, "supplier", "vendor", "beneficiary", "merchant", "licence_holder") {
				return "", "names of suppliers may be of persons (sole traders, landlords, carers); if so add personal_data: personal"
			}
			return "", ""
		}
	}
	switch {
	case hasWord(name, "ethnicity", "ethnic", "religion", "disability", "sexuality", "sexual", "health", "diagnosis", "offence"):
		return "", "if rows are of persons, this is special_category; in counts by group it is not personal"
	case hasWord(name, "forename", "forenames", "surname", "first_name", "last_name", "full_name", "dob", "birth", "nino", "ni_number",
		"national_insurance", "nhs_number", "nhs_no", "email", "e_mail", "phone", "telephone", "mobile", "passport", "sort_code",
		"bank_account", "account_holder", "child_id", "person_id", "upn", "customer_name", "tenant", "tenant_name", "applicant",
		"payee", "contact_name", "landlord", "manager", "employee", "date_of_birth"):
		return "personal", "by its name this column tells of persons"
	case name == "name" || name == "child" || hasWord(name, "address", "addr", "postcode", "post_code", "licensee", "licence_holder", "signatory", "officer"):
		return "personal", "by its name this column may tell of persons; leave personal_data out if it does not"
	case hasWord(name, "sex", "gender", "age"):
		return "", "if rows are of persons, add personal_data: personal"
	}
	return "", ""
}
