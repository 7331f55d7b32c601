package schedules

import "github.com/goldthread/goldthread/internal/keeping"

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
	for _, one := range []struct {
		setting string
		given   bool
	}{{"sources", len(r.Sources) > 0}, {"after", len(r.After) > 0}, {"full", r.Full}} {
		if one.given {
			r.wrong(one.setting, "leave it out, or write a schedule of its own for the run", "a backup reads no source")
		}
	}
}
