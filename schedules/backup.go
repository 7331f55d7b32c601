package schedules

import (
	"github.com/goldthread/goldthread/internal/keeping"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// A Backup is what a schedule makes in the place of a run.
type Backup struct {
	To     string `yaml:"to"`     // folder that holds the backups; within the council's unless absolute
	Keep   string `yaml:"keep"`   // such as 35 days; forever where it is left out
	Verify bool   `yaml:"verify"` // read the backup again and compare it, before older ones are removed
}

// checkBackup says what is wrong with a schedule that makes a backup.
func (r *reader) checkBackup() {
	if r.Backup == nil {
		return
	}
	if r.Backup.To == "" {
		r.wrong("backup", "add to: /mnt/backup/goldthread, a folder on another disk than the warehouse's", "it is not said where backups go")
	}
	if r.Backup.Keep == "" {
		r.Backup.Keep = "forever"
	}
	if _, err := keeping.Parse(r.Backup.Keep); err != nil {
		r.wrong("backup.keep", keeping.Forms, "%v", err)
	}
	for setting, given := range map[string]strictyaml.Texts{"sources": r.Sources, "after": r.After} {
		if len(given) > 0 {
			r.wrong(setting, "leave it out, or write a schedule of its own for the run", "a backup reads no source")
		}
	}
	if r.Full {
		r.wrong("full", "leave it out, or write a schedule of its own for the run", "a backup reads no source")
	}
}
