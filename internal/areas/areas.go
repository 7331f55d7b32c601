// Package areas knows the form of the GSS codes of the United Kingdom's areas. A code says nothing of what lies around its
// area; that is data.
package areas

import "regexp"

// The first letter is the country; J, L and M are islands and what lies at sea.
var form = regexp.MustCompile(`^[EWSNKJLM][0-9]{8}$`)

// IsCode says whether text has the form of a GSS code.
func IsCode(text string) bool { return form.MatchString(text) }
