package connectors

import (
	"math/big"
	"strings"
	"testing"
	"time"
)

// FuzzConvert gives any text to a column of every type. Whatever is taken must come back as what it says: numbers are
// compared with math/big, dates with package time.
func FuzzConvert(f *testing.F) {
	for _, seed := range []string{
		"", "12", "-0.5", "£1,234.50", "(12)", "12-", "−3", "66.669999", "170141183460469231731687303715884105728", "5%",
		"30/06/2025", "2025-06-30", "31/06/2025", "29.02.2024", "2025-06-30T14:05:06.5+01:00", "30/03/2025 01:30", "Yes", "\xff", " 1 ",
	} {
		f.Add(seed)
	}
	zone := london(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range []Column{
			{Kind: Integer, Number: NumberForms}, {Kind: Decimal, Precision: 38, Scale: 10, Number: NumberForms},
			{Kind: Decimal, Precision: 5, Scale: 2}, {Kind: Date}, {Kind: Date, DateOrder: "mdy"}, {Kind: Timestamp},
			{Kind: Boolean}, {Kind: Text, Required: true},
		} {
			c.Name = "c"
			rows, err := NewRows(Dataset{Columns: []Column{c}}, zone)
			if err != nil {
				t.Fatal(err)
			}
			reject, ok := rows.Append(1, [][]byte{[]byte(text)})
			if ok == (reject.Reason != "") || rows.Len() == 0 == ok {
				t.Fatalf("%s: %v and %q with %d rows", c.Kind, ok, reject.Reason, rows.Len())
			}
			if batch := rows.Take(); batch != nil {
				checkLanded(t, c, text, batch.Column(0))
				batch.Release()
			}
		}
	})
}

// checkLanded compares what landed with another reading of the text.
func checkLanded(t *testing.T, c Column, text string, landed interface {
	IsNull(int) bool
	ValueStr(int) string
}) {
	bare := strings.TrimSpace(text)
	if landed.IsNull(0) {
		if bare != "" {
			t.Errorf("%s: %q landed as null", c.Kind, text)
		}
		return
	}
	got := landed.ValueStr(0)
	switch c.Kind {
	case Integer, Decimal:
		if want, ok := rational(bare); ok && want.Cmp(mustRational(t, got)) != 0 {
			t.Errorf("%s: %q landed as %s", c.Kind, text, got)
		}
	case Date:
		if parsed, err := time.Parse(time.DateOnly, bare); err == nil && parsed.Format(time.DateOnly) != got {
			t.Errorf("date: %q landed as %s", text, got)
		}
	case Timestamp:
		if parsed, err := time.Parse(time.RFC3339Nano, bare); err == nil && parsed.UTC().Format(time.RFC3339Nano) != got {
			t.Errorf("timestamp: %q landed as %s", text, got)
		}
	case Text:
		if got != text {
			t.Errorf("text: %q landed as %q", text, got)
		}
	}
}

// rational reads a number by taking away all that is no digit, point or sign, which is right for whatever the strict
// reader takes.
func rational(text string) (*big.Rat, bool) {
	negative := strings.ContainsAny(text, "-−(")
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '.' {
			return r
		}
		return -1
	}, text)
	value, ok := new(big.Rat).SetString("0" + digits)
	if ok && negative {
		value.Neg(value)
	}
	return value, ok
}

func mustRational(t *testing.T, text string) *big.Rat {
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("landed %q is no number", text)
	}
	return value
}
