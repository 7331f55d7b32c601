package council

import (
	"time"

	"github.com/goldthread/goldthread/internal/keeping"
)

// Keep says for how long what a run leaves is kept: 90 days, 24 months, forever. What the figures are made of stays for good.
type Keep struct {
	Archive    string `yaml:"archive"`    // inputs, from when they were last read
	Quarantine string `yaml:"quarantine"` // rows set aside, from when they were read
	Logs       string `yaml:"logs"`       // of the program's own work
	Audit      string `yaml:"audit"`      // who read what; by months, of which none is kept longer than this
}

// KeptFor reads one of these settings, which Validate has found to be right.
func KeptFor(setting string) keeping.Time {
	kept, _ := keeping.Parse(setting)
	return kept
}

func (k Keep) validate(wrong func(setting, what, fix string)) {
	for _, one := range []struct{ name, text string }{
		{"archive", k.Archive}, {"quarantine", k.Quarantine}, {"logs", k.Logs}, {"audit", k.Audit},
	} {
		if _, err := keeping.Parse(one.text); err != nil {
			wrong("keep."+one.name, err.Error(), keeping.Forms)
		}
	}
	now := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	if kept, err := keeping.Parse(k.Audit); err == nil && !kept.Forever() && kept.CutOff(now).After(now.AddDate(0, -6, 0)) {
		wrong("keep.audit", "the audit log is kept for less than six months, and a breach may be noticed later than that", "write 6 months or more; public bodies keep it for 24 months at most")
	}
}
