package transforms

import "testing"

func TestADescriptionBreaksAtParagraphsAlone(t *testing.T) {
	m := &Model{Name: "marts.x", Description: "One row per measure\nand period.\n\nNothing  else,\n  ever."}
	if got := Comments([]*Model{m})[0].Text; got != "One row per measure and period.\n\nNothing else, ever." {
		t.Errorf("got %q", got)
	}
}
