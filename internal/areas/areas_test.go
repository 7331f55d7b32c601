package areas

import "testing"

func TestCodes(t *testing.T) {
	for _, test := range []struct {
		text          string
		code, isUsual bool
		kind          string
	}{
		{"E08000009", true, true, "metropolitan district"},
		{"E92000001", true, true, "country"},
		{"K02000001", true, true, "United Kingdom"},
		{"J01000001", true, false, ""},
		{"e08000009", false, false, ""},
		{"E0800009", false, false, "metropolitan district"},
		{"E08000009 ", false, false, "metropolitan district"},
		{"TRF2", false, false, ""},
		{"", false, false, ""},
	} {
		if IsCode(test.text) != test.code || IsUsual(test.text) != test.isUsual || Kind(test.text) != test.kind {
			t.Errorf("%q: code %v, usual %v, kind %q", test.text, IsCode(test.text), IsUsual(test.text), Kind(test.text))
		}
	}
}
