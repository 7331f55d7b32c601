package areas

import "testing"

func TestIsCode(t *testing.T) {
	for text, want := range map[string]bool{
		"E08000009": true, "E92000001": true, "K02000001": true, "J01000001": true, "N09000011": true,
		"e08000009": false, "E0800009": false, "E080000099": false, "E08000009 ": false, "TRF2": false, "X08000009": false, "": false,
	} {
		if IsCode(text) != want {
			t.Errorf("%q: got %v", text, !want)
		}
	}
}
