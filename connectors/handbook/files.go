package handbook

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/connectors"
)

// gather takes the files a table is made of, its own and those beside, in the order of their names.
func (s *Source) gather(ctx context.Context, t table, take func(context.Context, string) (file, error)) ([]file, error) {
	own, err := t.own(s.files)
	if err != nil {
		return nil, err
	}
	names := own
	if t.beside != nil {
		beside, err := t.beside(s.files)
		if err != nil {
			return nil, err
		}
		names = slices.Concat(own, beside)
		slices.Sort(names)
		names = slices.Compact(names)
	}
	files := make([]file, 0, len(names))
	for _, name := range names {
		f, err := take(ctx, name)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, &unreadable{connectors.Extract{Place: name}, err}
		}
		f.own = slices.Contains(own, name)
		files = append(files, f)
	}
	return files, nil
}

// hash says what a file holds without keeping it; the text is left out.
func (s *Source) hash(ctx context.Context, name string) (file, error) {
	stored, err := s.deps.Archive.Hash(ctx, s.files, name)
	return newFile(name, nil, stored), err
}

// open reads a file where it lies.
func (s *Source) open(_ context.Context, name string) (file, error) {
	text, err := fs.ReadFile(s.files, name)
	return newFile(name, text, connectors.Stored{}), err
}

// keep takes a file into the archive and reads it there, where it cannot change.
func (s *Source) keep(ctx context.Context, name string) (file, error) {
	stored, err := s.deps.Archive.Store(ctx, s.files, name)
	if err != nil {
		return file{}, err
	}
	text, err := os.ReadFile(stored.Path)
	return newFile(name, text, stored), err
}

func newFile(name string, text []byte, stored connectors.Stored) file {
	return file{name: name, text: text, extract: connectors.Extract{
		Place: name, SHA256: stored.SHA256, Size: stored.Size, ModifiedAt: stored.ModifiedAt,
	}}
}

// An unreadable is the look at a file that cannot be read.
type unreadable struct {
	extract connectors.Extract
	cause   error
}

func (u *unreadable) Error() string { return fmt.Sprintf("reading %s: %v", u.extract.Place, u.cause) }

func (u *unreadable) Unwrap() error { return u.cause }

// reportFailure yields a file that cannot be read. Any other error ends the reading.
func reportFailure(err error, emit func(connectors.Batch) error) error {
	var u *unreadable
	if !errors.As(err, &u) {
		return err
	}
	e := u.extract
	e.Outcome, e.Reason = connectors.Failed, "the file cannot be read: "+connectors.Plainly(u.cause)
	if errors.Is(err, connectors.ErrChanging) {
		e.Reason = "the file changed while it was being read; the next run reads it again"
	}
	return emit(connectors.Batch{Extract: &e})
}

// unchanged reports each file of a table as read before.
func unchanged(t table, files []file, emit func(connectors.Batch) error) error {
	looked := false
	for _, f := range files {
		if !f.own {
			continue
		}
		e := f.extract
		e.Outcome, looked = connectors.SameHash, true
		if err := emit(connectors.Batch{Extract: &e}); err != nil {
			return err
		}
	}
	if looked {
		return nil
	}
	return emit(connectors.Batch{Extract: &connectors.Extract{Place: t.place, Outcome: connectors.Unchanged}})
}

// refuse reports the files at fault, each with its faults.
func refuse(t table, faults []error, files []file, emit func(connectors.Batch) error) error {
	looks := []connectors.Extract{{Place: t.place}} // takes a fault of no file, such as that there is none
	for _, f := range files {
		looks = append(looks, f.extract)
	}
	own := make([][]string, len(looks))
	for _, fault := range faults {
		i := placeOf(fault, looks)
		own[i] = append(own[i], fault.Error())
	}
	for i, e := range looks {
		if len(own[i]) == 0 {
			continue
		}
		e.Outcome, e.Reason = connectors.Refused, strings.Join(own[i], "\n")
		if err := emit(connectors.Batch{Extract: &e}); err != nil {
			return err
		}
	}
	return nil
}

// placeOf is the look, by number, at the file whose name a fault begins with; 0 where there is none.
func placeOf(fault error, looks []connectors.Extract) int {
	return max(0, slices.IndexFunc(looks, func(e connectors.Extract) bool { return strings.HasPrefix(fault.Error(), e.Place+":") }))
}

// pattern lists the files that fit a pattern.
func pattern(glob string) func(fs.FS) ([]string, error) {
	return func(fsys fs.FS) ([]string, error) { return fs.Glob(fsys, glob) }
}
