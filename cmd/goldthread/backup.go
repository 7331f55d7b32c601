package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/keeping"
	"github.com/goldthread/goldthread/schedules"
	"github.com/goldthread/goldthread/schedules/alarms"
	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/backup"
	"github.com/goldthread/goldthread/warehouse/serve/accounts"
	"github.com/goldthread/goldthread/warehouse/serve/audit"
)

// writtenBeside are what other parts of the program keep in the warehouse's folder. The head of the audit log names an entry
// that must be in its files, to which more may be added meanwhile: it is copied before them.
var writtenBeside = []string{
	schedules.LedgerFile, alarms.File, accounts.Path(""), filepath.Join(audit.Path(""), "head"), audit.Path(""),
	filepath.FromSlash(warehouse.NamesFile),
}

func newBackup(p *program) *cobra.Command {
	var plan backup.Plan
	var keep string
	var supervised bool
	command := &cobra.Command{
		Use:   "backup --to DIR",
		Short: "Copy the council's folder and its warehouse, while runs and readers go on",
		Long: "Makes a folder named by the time below DIR: the warehouse, its releases and archive, accounts, audit log, and the YAML,\n" +
			"CSV, SQL and Excel files of the council's folder; no secret, key or certificate (docs/backup.md). What the backup before\n" +
			"holds is linked to and not copied again. A run that is at work is waited for; one that begins meanwhile is held up\n" +
			"by the copy of the warehouse's file only.",
		Example: `  goldthread backup --to /mnt/backup/goldthread --keep 35`,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, end := untilLeft(c.Context(), supervised)
			defer end()
			return p.backup(ctx, plan, keep)
		},
	}
	superviseFlag(command, &supervised)
	flags := command.Flags()
	flags.StringVar(&plan.To, "to", "", "`folder` that holds the backups, on another disk than the warehouse")
	flags.StringVar(&keep, "keep", "forever", "remove all but the newest such as 35, or what is older than a `time` such as \"35 days\"")
	flags.BoolVar(&plan.Verify, "verify", false, "read the backup again and compare it with ledger and journal, before an older one is removed")
	flags.DurationVar(&plan.Patience, "wait", time.Hour, "wait so `long` for a run that is at work")
	return command
}

// readKeep reads which backups stay: a number of the newest, or for how long.
func readKeep(text string) (keep backup.Keep, err error) {
	if keep.Most, err = strconv.Atoi(text); err == nil && keep.Most >= 0 {
		return keep, nil
	}
	if keep.For, err = keeping.Parse(text); err != nil {
		err = exit{exitUsage, &fault.Error{Where: "--keep", What: err.Error(), Fix: "give a number of backups, such as 35; or " + keeping.Forms}}
	}
	return backup.Keep{For: keep.For}, err
}

func (p *program) backup(ctx context.Context, plan backup.Plan, keep string) (err error) {
	if plan.To == "" {
		return exit{exitUsage, &fault.Error{Where: "--to", What: "say where the backup goes", Fix: "name a folder on another disk, such as --to /mnt/backup/goldthread"}}
	}
	if plan.Keep, err = readKeep(keep); err != nil {
		return err
	}
	settings, err := p.settings()
	if err != nil {
		return err
	}
	plan.Folder, plan.State = p.folder, p.warehouseFolder(settings)
	plan.Council, plan.Organisation = settings.Name, settings.Organisation
	plan.Beside, plan.Version, plan.Now = writtenBeside, version(), time.Now()
	plan.Waiting = func() {
		fmt.Fprintf(p.term.errors, "A run is at work; the backup waits for its end, for %s at most.\n", plan.Patience)
	}
	progress := newProgress(p.term)
	plan.Progress = progress.show
	made, err := backup.Make(ctx, plan)
	progress.clear()
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(made)
	}
	fmt.Fprintf(p.term.out, "Backed up, up to load %d and release %d: %s, %s, of which %s are new on this disk.\n  %s\n",
		made.LastLoad, made.Release, count(made.Files, "file"), size(made.Bytes), size(made.CopiedBytes), made.Folder)
	if len(made.Removed) > 0 {
		fmt.Fprintf(p.term.out, "Removed %s, the oldest.\n", count(len(made.Removed), "backup"))
	}
	if made.Verified {
		fmt.Fprintln(p.term.out, "It was read again, and is as its manifest, ledger and journal say.")
		return nil
	}
	fmt.Fprintf(p.term.out, "To see whether it could be restored: %s restore %s --verify\n", p.name, made.Folder)
	return nil
}

func newRestore(p *program) *cobra.Command {
	var to string
	var verify bool
	command := &cobra.Command{
		Use:   "restore DIR [--to FOLDER] [--verify]",
		Short: "Give back a backup as a new folder, or see whether it could be",
		Long: "DIR is a backup, or the folder of several, of which the newest is taken. Each file is held against its SHA-256, and with\n" +
			"--verify the warehouse against its ledger and journal. Nothing is restored over what is there. --verify without --to\n" +
			"checks the backup where it lies and leaves nothing behind.",
		Example: `  goldthread restore /mnt/backup/goldthread --verify
  goldthread restore /mnt/backup/goldthread/2026-11-25T021500Z --to /srv/council --verify`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return p.restore(c, args[0], to, verify) },
	}
	command.Flags().StringVar(&to, "to", "", "`folder` that is made, or is empty")
	command.Flags().BoolVar(&verify, "verify", false, "open the warehouse and compare it with ledger, journal and releases")
	return command
}

// A restored backup is what restore tells.
type restored struct {
	Backup   string    `json:"backup"`
	Council  string    `json:"council"`
	MadeAt   time.Time `json:"made_at"`
	Folder   string    `json:"folder,omitempty"`
	Files    int       `json:"files"`
	Bytes    int64     `json:"size_bytes"`
	Loads    int64     `json:"loads"`
	Rows     int64     `json:"rows"`
	Release  int64     `json:"release"`
	Verified bool      `json:"verified"`
	Seconds  float64   `json:"seconds"`
}

func (p *program) restore(c *cobra.Command, from, to string, verify bool) error {
	if to == "" && !verify {
		return exit{exitUsage, &fault.Error{Where: "--to", What: "say where the backup is restored to", Fix: "name a folder that is not there yet with --to; --verify alone checks the backup"}}
	}
	began := time.Now()
	checked, err := restoreOrVerify(c, from, to, verify)
	if err != nil {
		if to != "" {
			err = errors.Join(err, fmt.Errorf("nothing was restored to %s", to))
		}
		return err
	}
	m := checked.Manifest
	r := restored{checked.Backup, m.Council, m.MadeAt, to, len(m.Files), m.Bytes(), m.Loads, m.Rows, m.Release, checked.Verified != nil, time.Since(began).Seconds()}
	if p.json {
		return p.printJSON(r)
	}
	p.printRestored(r, m)
	return nil
}

func restoreOrVerify(c *cobra.Command, from, to string, verify bool) (backup.Checked, error) {
	switch {
	case to == "":
		return backup.Verify(c.Context(), from)
	case verify:
		return backup.RestoreVerified(c.Context(), from, to)
	}
	return backup.Restore(c.Context(), from, to)
}

func (p *program) printRestored(r restored, m backup.Manifest) {
	out := p.term.out
	fmt.Fprintf(out, "%s of %s: %s, %s, each as the manifest says (%s).\n", r.Council, m.MadeAt.Format("2006-01-02 15:04 MST"), count(r.Files, "file"), size(r.Bytes), shortly(r.Seconds))
	if r.Verified {
		fmt.Fprintf(out, "The warehouse is as its ledger and journal say: %s, %s, release %d.\n", count(int(r.Loads), "load"), count(int(r.Rows), "row"), r.Release)
	}
	if r.Folder == "" {
		return
	}
	fmt.Fprintf(out, "Restored to %s. Put secrets and the certificate back (docs/backup.md), then: %s run -C %s\n", r.Folder, p.name, r.Folder)
	if m.StateElsewhere != "" {
		fmt.Fprintf(out, "%s keeps the warehouse at %s; what was restored lies in %s: move it there, or change warehouse: folder in it.\n",
			filepath.Join(r.Folder, "goldthread.yaml"), m.StateElsewhere, filepath.Join(r.Folder, m.State))
	}
}
