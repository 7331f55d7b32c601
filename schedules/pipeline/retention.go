package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/handbook"
	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/daylog"
	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/keeping"
	"github.com/goldthread/goldthread/warehouse"
)

// A Rule says how long one kind of thing is kept.
type Rule struct {
	Subject string // such as archive
	Setting string // that says so, such as keep.archive
	Keep    keeping.Time
	// Find finds what is older than a moment.
	Find func(ctx context.Context, cutOff time.Time) (Past, error)
}

// Past is what is past its time.
type Past struct {
	Items, Bytes int64
	// Remove removes it, after it was noted; nil where noting it does.
	Remove func() error
}

// A pruner removes what is past its time.
type pruner struct {
	warehouse *warehouse.Warehouse
	folder    *Folder
	runID     int64 // 0 where a person asked
	now       time.Time
	beside    []Rule // of what the pipeline does not know
}

// afterUpgrade is how long the copy of a warehouse before an upgrade stays: as long as backups usually do.
const afterUpgrade = "35 days"

func (p *pruner) rules() []Rule {
	keep, state := p.folder.Settings.Keep, p.folder.StateFolder()
	return append([]Rule{
		{warehouse.Inputs, "keep.archive", council.KeptFor(keep.Archive), p.inputs},
		{warehouse.Quarantine, "keep.quarantine", council.KeptFor(keep.Quarantine), p.quarantine},
		{"logs", "keep.logs", council.KeptFor(keep.Logs), func(_ context.Context, cutOff time.Time) (Past, error) {
			return oldLogs(filepath.Join(state, "logs"), cutOff)
		}},
		{warehouse.UpgradeFolder, "the copy before an upgrade", council.KeptFor(afterUpgrade), func(_ context.Context, cutOff time.Time) (Past, error) {
			return oldCopy(filepath.Join(state, warehouse.UpgradeFolder), cutOff)
		}},
	}, p.beside...)
}

// inputs finds those that were last read before, the council's own files when they were last there; of those of which the ledger knows nothing, those that came before.
func (p *pruner) inputs(ctx context.Context, cutOff time.Time) (Past, error) {
	archive := p.folder.archive()
	files, err := archive.Files()
	if err != nil {
		return Past{}, err
	}
	hashes := make([]string, len(files))
	for i, f := range files {
		hashes[i] = f.SHA256
	}
	reads, err := p.warehouse.LastReads(ctx, hashes, handbook.Name, handbook.ReferenceName)
	if err != nil {
		return Past{}, err
	}
	var old []connectors.Archived
	var past Past
	for _, f := range files {
		at, known := reads[f.SHA256]
		if !known {
			at = f.CameAt
		}
		if at.Before(cutOff) {
			old, past.Items, past.Bytes = append(old, f), past.Items+1, past.Bytes+f.Size
		}
	}
	past.Remove = func() error { return archive.Remove(old) }
	return past, nil
}

func (p *pruner) quarantine(ctx context.Context, cutOff time.Time) (past Past, err error) {
	past.Items, err = p.warehouse.PastQuarantine(ctx, cutOff)
	return past, err
}

func oldLogs(folder string, cutOff time.Time) (past Past, err error) {
	files, err := daylog.Files(folder)
	if err != nil {
		return past, err
	}
	var old []string
	for _, f := range files {
		if f.Written.Before(cutOff) {
			old, past.Items, past.Bytes = append(old, f.Path), past.Items+1, past.Bytes+f.Bytes
		}
	}
	past.Remove = func() (err error) {
		for _, path := range old {
			err = errors.Join(err, os.Remove(path))
		}
		return err
	}
	return past, nil
}

// oldCopy finds a folder of which no file is younger. One that a kill left half removed is found again by what is left.
func oldCopy(folder string, cutOff time.Time) (past Past, err error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return past, nil
	}
	for _, e := range entries {
		info, failed := e.Info()
		if err = errors.Join(err, failed); err != nil || !info.ModTime().Before(cutOff) {
			return past, err
		}
		past.Bytes += info.Size()
	}
	past.Items, past.Remove = 1, func() error { return os.RemoveAll(folder) }
	return past, err
}

// each hands on what is past its time, rule by rule.
func (p *pruner) each(ctx context.Context, do func(warehouse.Removal, Past) error) error {
	for _, rule := range p.rules() {
		if rule.Keep.Forever() {
			continue
		}
		cutOff := rule.Keep.CutOff(p.now)
		past, err := rule.Find(ctx, cutOff)
		if err == nil && past.Items > 0 {
			err = do(warehouse.Removal{
				Subject: rule.Subject, Rule: rule.Setting + ": " + rule.Keep.String(), CutOff: cutOff, Items: past.Items, Bytes: past.Bytes,
			}, past)
		}
		if err != nil {
			return fmt.Errorf("removing what is past its time (%s): %w", rule.Setting, err)
		}
	}
	return nil
}

// past says what is past its time.
func (p *pruner) past(ctx context.Context) (removals []warehouse.Removal, err error) {
	err = p.each(ctx, func(r warehouse.Removal, _ Past) error {
		removals = append(removals, r)
		return nil
	})
	return removals, err
}

// prune removes what is past its time. It is noted before, so that nothing goes unnoted: where the program is killed in between,
// what is left is noted and removed the next time.
func (p *pruner) prune(ctx context.Context) (removals []warehouse.Removal, err error) {
	err = p.each(ctx, func(r warehouse.Removal, past Past) error {
		if err := p.warehouse.NoteRemoval(ctx, p.runID, r); err != nil {
			return err
		}
		removals = append(removals, r)
		if past.Remove == nil {
			return nil
		}
		err := past.Remove()
		failpoint.Hit("retention.removed")
		return err
	})
	return removals, err
}

// doubted is for how long after a jump of the clock nothing is removed: so long somebody has to notice a clock that is wrong.
const doubted = 7 * 24 * time.Hour

// doubt says in words why the clock is not relied on; nothing where it is.
func (p *pruner) doubt(ctx context.Context) (string, error) {
	jumped, err := p.warehouse.ClockJumped(ctx)
	if err != nil || jumped.IsZero() || p.now.Sub(jumped) >= doubted {
		return "", err
	}
	return fmt.Sprintf("it is %s by the clock of this machine, which is not as expected after the runs before: it may have been set wrong. So nothing that is past its time is removed before %s",
		p.now.Format("2 January 2006"), jumped.In(p.now.Location()).Add(doubted).Format("2 January 2006")), nil
}

// prune is the last step of a run.
func (r *run) prune(ctx context.Context) error {
	r.progress("removing what is past its time")
	p := &pruner{r.warehouse, r.folder, r.id, r.options.Now().In(r.folder.Settings.Location()), r.options.Rules}
	why, err := p.doubt(ctx)
	if err != nil {
		return err
	}
	if why != "" {
		r.result.Notes = append(r.result.Notes, why)
		return nil
	}
	r.result.Removed, err = p.prune(ctx)
	for _, one := range r.result.Removed {
		r.log.Info().Str("subject", one.Subject).Str("rule", one.Rule).Int64("items", one.Items).Int64("bytes", one.Bytes).Msg("removed what is past its time")
	}
	if err != nil && ctx.Err() == nil && !warehouse.OfTheDisk(err) {
		r.problem(Problem{What: err.Error()})
		return nil
	}
	return err
}

// A Pruning is what a person asked to be removed.
type Pruning struct {
	Options
	// Today is the date that the person says it is, which a clock that jumped must agree with; empty where they did not say.
	Today string
}

// Prune removes now what is past its time, and says what that was.
func Prune(ctx context.Context, folder *Folder, asked Pruning) (removals []warehouse.Removal, err error) {
	err = withPruner(ctx, folder, asked.Options, func(p *pruner) error {
		why, err := p.doubt(ctx)
		if err != nil {
			return err
		}
		if today := p.now.Format(time.DateOnly); asked.Today != today && (why != "" || asked.Today != "") {
			return &fault.Error{What: strings.TrimSpace(fmt.Sprintf("the clock of this machine says %s. %s", today, why)), Fix: "put the clock right; or, if that is the date, say so with --today " + today}
		}
		removals, err = p.prune(ctx)
		return err
	})
	return removals, err
}

// PastTime says what Prune would remove.
func PastTime(ctx context.Context, folder *Folder, options Options) (removals []warehouse.Removal, err error) {
	err = withPruner(ctx, folder, options, func(p *pruner) (err error) {
		removals, err = p.past(ctx)
		return err
	})
	return removals, err
}

func withPruner(ctx context.Context, folder *Folder, options Options, do func(*pruner) error) (err error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	defer func() { err = warehouse.DiskFault(folder.StateFolder(), err) }()
	w, err := openWarehouse(ctx, folder.StateFolder(), folder.Settings, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	return do(&pruner{w, folder, 0, options.Now().In(folder.Settings.Location()), options.Rules})
}
