package csvdrop

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goldthread/goldthread/connectors"
)

// A reading is one call of Read: what is there, what of it is new, and how far the source has been read.
type reading struct {
	*Source
	drop    drop
	dataset connectors.Dataset
	since   cursor        // as of the last load
	cursor  cursor        // as of now
	sizes   map[int64]int // how many of the files now there have a size
	emit    func(connectors.Batch) error
}

// A look is one file as it stands in the folder.
type look struct {
	name    string
	extract connectors.Extract
}

// isHashed says whether it is known what the file holds; one that cannot have been read before is hashed as it is read.
func (l look) isHashed() bool { return l.extract.SHA256 != "" }

// look finds the files and hashes those that may have been read before, the oldest edition first. What cannot be read it reports at once, and gives with
// the outcome of that.
func (r *reading) look(ctx context.Context) ([]look, error) {
	names, err := find(ctx, r.files, r.drop.pattern)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, r.report(connectors.Extract{Place: r.folder, Outcome: connectors.Failed, Reason: r.noFolder(err)})
	case len(names) == 0:
		return nil, r.report(r.noFile())
	}
	r.sizes = map[int64]int{}
	for _, name := range names {
		if info, err := fs.Stat(r.files, name); err == nil {
			r.sizes[info.Size()]++
		}
	}
	looks := make([]look, 0, len(names))
	for _, name := range names {
		l, err := r.lookAt(ctx, name)
		if err != nil {
			return nil, err
		}
		looks = append(looks, l)
	}
	slices.SortStableFunc(looks, func(a, b look) int {
		if c := a.extract.PublishedAt.Compare(b.extract.PublishedAt); c != 0 {
			return c
		}
		return strings.Compare(a.name, b.name)
	})
	return looks, nil
}

// report yields an extract that brings no rows.
func (r *reading) report(e connectors.Extract) error {
	return r.emit(connectors.Batch{Extract: &e})
}

func (r *reading) noFolder(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("the folder %s is not there; make it, or correct \"folder\" in the source's file", r.folder)
	}
	return fmt.Sprintf("the folder %s cannot be read: %s", r.folder, connectors.Plainly(err))
}

// noFile is the look at a folder without a file of the dataset. Before the first load that is a failure: nobody has sent
// anything, or the pattern is wrong. Later it is not: files may be taken away once they are read.
func (r *reading) noFile() connectors.Extract {
	e := connectors.Extract{Place: r.place(r.drop.pattern), Outcome: connectors.Failed}
	e.Reason = fmt.Sprintf("no file in %s fits %q; leave one there, or correct \"files\" in the source's file", r.folder, r.drop.pattern)
	if len(r.since.Files) > 0 {
		e.Outcome, e.Reason = connectors.Unchanged, ""
		e.Notes = []string{fmt.Sprintf("no file in %s fits %q now; what was read before is kept", r.folder, r.drop.pattern)}
	}
	return e
}

// lookAt takes a file and reads its edition. Its error is that of a context that ended.
func (r *reading) lookAt(ctx context.Context, name string) (look, error) {
	l := look{name: name, extract: connectors.Extract{Place: r.place(name)}}
	stored, err := r.take(ctx, &l)
	if ctx.Err() != nil {
		return l, ctx.Err()
	}
	if err == nil {
		r.describe(&l.extract, stored)
		l.extract.PublishedAt, err = r.drop.edition.editionOf(l.extract.Place, stored.ModifiedAt, r.zone)
	}
	if err != nil {
		r.failed(&l.extract, err)
	}
	return l, nil
}

// take hashes a file. One of a size that no other has, now or before, cannot have been read before: it is hashed while it is
// copied and read.
func (r *reading) take(ctx context.Context, l *look) (connectors.Stored, error) {
	if !utf8.ValidString(l.name) {
		return connectors.Stored{}, refuse("the file's name holds bytes that are no text in UTF-8; rename it")
	}
	info, err := fs.Stat(r.files, l.name)
	if err != nil {
		return connectors.Stored{}, err
	}
	if r.since.hasSize(info.Size()) || r.sizes[info.Size()] > 1 {
		return r.archive.Hash(ctx, r.files, l.name)
	}
	return connectors.Stored{Size: info.Size(), ModifiedAt: info.ModTime().UTC()}, nil
}

func (r *reading) describe(e *connectors.Extract, stored connectors.Stored) {
	e.SHA256, e.Size, e.ModifiedAt = stored.SHA256, stored.Size, stored.ModifiedAt
}

// failed says in an extract why its file cannot be taken.
func (r *reading) failed(e *connectors.Extract, err error) {
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		e.Outcome, e.Reason = connectors.Refused, refused.reason
	case errors.Is(err, connectors.ErrChanging):
		e.Outcome, e.Reason = connectors.Failed, "the file changed while it was being read, so it may still be being copied here; "+
			"the next run reads it again"
	default:
		e.Outcome, e.Reason = connectors.Failed, "the file cannot be read: "+connectors.Plainly(err)
	}
}

// increments loads each file that is new, by itself.
func (r *reading) increments(ctx context.Context, looks []look) error {
	// What is known under another path is noted first, so that the next load's cursor holds it: a copy of a file does not
	// come back as new once the file itself has changed.
	var fresh []look
	for _, l := range looks {
		switch {
		case l.extract.Outcome != "":
			if err := r.report(l.extract); err != nil {
				return err
			}
		case r.since.knows(l.extract.Place, l.extract.SHA256):
			if err := r.same(l); err != nil {
				return err
			}
		default:
			fresh = append(fresh, l)
		}
	}
	for _, l := range fresh {
		if r.cursor.knows(l.extract.Place, l.extract.SHA256) { // the same file twice in this run
			if err := r.same(l); err != nil {
				return err
			}
			continue
		}
		if err := r.load(ctx, []look{l}); err != nil {
			return err
		}
	}
	return nil
}

// same reports a file whose content has been read before.
func (r *reading) same(l look) error {
	r.cursor.Files[l.extract.Place] = held{l.extract.SHA256, l.extract.Size}
	l.extract.Outcome = connectors.SameHash
	return r.report(l.extract)
}

// snapshot loads all files as one where any of them changed, came or went.
func (r *reading) snapshot(ctx context.Context, looks []look) error {
	if i := slices.IndexFunc(looks, func(l look) bool { return l.extract.Outcome != "" }); i >= 0 {
		return r.notWhole(looks, i)
	}
	r.cursor.Files = map[string]held{}
	unchanged := len(r.since.Files) > 0
	for _, l := range looks {
		r.cursor.Files[l.extract.Place] = held{l.extract.SHA256, l.extract.Size}
		unchanged = unchanged && r.since.knows(l.extract.Place, l.extract.SHA256)
	}
	unchanged = unchanged && maps.Equal(r.since.hashes(), r.cursor.hashes())
	var first []look
	seen := map[string]bool{}
	for _, l := range looks {
		if unchanged || l.isHashed() && seen[l.extract.SHA256] {
			if err := r.same(l); err != nil {
				return err
			}
			continue
		}
		seen[l.extract.SHA256] = true
		first = append(first, l)
	}
	if len(first) == 0 {
		return nil
	}
	return r.load(ctx, first)
}

// notWhole reports a snapshot of which one file cannot be had: then none is read, as rows would seem to have vanished.
func (r *reading) notWhole(looks []look, bad int) error {
	for _, l := range looks {
		if l.extract.Outcome == "" {
			l.extract.Outcome = connectors.Failed
			l.extract.Reason = fmt.Sprintf("not read, as a snapshot is read whole and %s could not be", looks[bad].extract.Place)
		}
		if err := r.report(l.extract); err != nil {
			return err
		}
	}
	return nil
}

// dateOf is the local day of a moment, as a date at midnight UTC.
func dateOf(moment time.Time, zone *time.Location) time.Time {
	y, m, d := moment.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
