package warehouse

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// Releases are the files that readers open. Reading them needs no warehouse and disturbs none.
type Releases struct{ folder string }

// releasesKept is how many releases stay beside those that are pinned.
const releasesKept = 30

// NewReleases gives the releases of the warehouse in a folder.
func NewReleases(warehouse string) *Releases { return &Releases{filepath.Join(warehouse, "releases")} }

func (r *Releases) path(parts ...string) string {
	return filepath.Join(append([]string{r.folder}, parts...)...)
}

// Current is the number of the release that readers see, 0 where there is none yet.
func (r *Releases) Current() (int64, error) {
	text, err := os.ReadFile(r.path("current"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	number, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0, &fault.Error{Where: r.path("current"), What: "this is not the number of a release", Fix: "write the number of the newest folder beside it into it", Err: err}
	}
	return number, nil
}

// Numbers lists the releases that are kept, oldest first.
func (r *Releases) Numbers() ([]int64, error) {
	entries, err := os.ReadDir(r.folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	current, err := r.Current()
	if err != nil {
		return nil, err
	}
	var numbers []int64
	for _, e := range entries {
		// A number above the current one is of a run that was killed before it switched the pointer.
		if n, err := strconv.ParseInt(e.Name(), 10, 64); err == nil && n <= current {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// Manifest reads what a release holds; 0 stands for the current one.
func (r *Releases) Manifest(number int64) (m Manifest, err error) {
	if number, err = r.resolve(number); err != nil {
		return m, err
	}
	text, err := os.ReadFile(r.path(strconv.FormatInt(number, 10), "manifest.json"))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(text, &m)
}

func (r *Releases) resolve(number int64) (int64, error) {
	current, err := r.Current()
	if err != nil {
		return 0, err
	}
	if number == 0 {
		number = current
	}
	if number == 0 {
		return 0, &fault.Error{Where: r.folder, What: "nothing has been released yet", Fix: "goldthread run"}
	}
	kept, err := r.Numbers()
	if err == nil && !slices.Contains(kept, number) {
		err = &fault.Error{Where: r.folder, What: fmt.Sprintf("release %d is not kept", number), Fix: "kept are: " + joinNumbers(kept)}
	}
	return number, err
}

// Open opens the file of a release, read-only and shut off from every other file; 0 stands for the current one.
func (r *Releases) Open(ctx context.Context, number int64, audience string) (*sql.DB, error) {
	return r.OpenToWrite(ctx, number, audience, duckdb.Settings{})
}

// Export writes the answer to a query of a release as a Parquet file into a folder, and gives its path.
func (r *Releases) Export(ctx context.Context, number int64, audience, query, folder string) (path string, err error) {
	db, err := r.OpenToWrite(ctx, number, audience, duckdb.Settings{WriteFolder: folder})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	path = filepath.Join(folder, "answer.parquet")
	_, err = db.ExecContext(ctx, fmt.Sprintf("copy (%s) to %s (format parquet)", strings.TrimRight(query, "; \n\t"), duckdb.Literal(path)))
	return path, err
}

// OpenToWrite opens the file of a release as Open does, within limits, and lets statements write files into their WriteFolder.
func (r *Releases) OpenToWrite(ctx context.Context, number int64, audience string, limits duckdb.Settings) (*sql.DB, error) {
	number, err := r.resolve(number)
	if err != nil {
		return nil, err
	}
	path, err := r.file(number, audience)
	if err != nil {
		return nil, err
	}
	limits.Path, limits.ReadOnly, limits.NoFilesystem = path, true, true
	return duckdb.Open(ctx, limits)
}

// file gives the file of a release that an audience reads.
func (r *Releases) file(number int64, audience string) (string, error) {
	m, err := r.Manifest(number)
	if err != nil {
		return "", err
	}
	for _, f := range m.Files {
		path := r.path(strconv.FormatInt(number, 10), f.Name)
		if f.Audience != audience {
			continue
		}
		if _, err := os.Stat(path); err != nil {
			return "", &fault.Error{Where: path, What: fmt.Sprintf("the file of release %d for %s was taken away", number, audience), Fix: "ask another release: goldthread releases lists them", Err: err}
		}
		return path, nil
	}
	return "", &fault.Error{
		Where: r.path(strconv.FormatInt(number, 10)), What: fmt.Sprintf("release %d has no file for the audience %q", number, audience),
		Fix: fault.DidYouMean(audience, "it has one for", m.Audiences()),
	}
}

// next gives the number that a release of the parts would have, or 0 where the current one holds the same.
func (r *Releases) next(parts []ReleasePart) (int64, error) {
	if err := os.MkdirAll(r.folder, 0o755); err != nil {
		return 0, err
	}
	if err := r.clearUnfinished(); err != nil {
		return 0, err
	}
	current, err := r.Current()
	if err != nil || current == 0 {
		return 1, err
	}
	manifest, err := r.Manifest(current)
	if err != nil {
		return 0, err
	}
	same := len(manifest.Files) == len(parts)
	for _, part := range parts {
		same = same && slices.Contains(manifest.Audiences(), part.Audience) && part.sameAs(manifest.contents(part.Audience))
	}
	if same {
		return 0, nil
	}
	return current + 1, nil
}

// Audiences are those that have a file of the release.
func (m Manifest) Audiences() []string {
	names := make([]string, len(m.Files))
	for i, f := range m.Files {
		names[i] = f.Audience
	}
	return names
}

// contents tells what an audience's tables hold, by name.
func (m Manifest) contents(audience string) map[string]string {
	held := map[string]string{}
	for _, t := range m.Tables {
		if t.Audience == audience {
			held[t.Name] = t.Content
		}
	}
	return held
}

// clearUnfinished removes what runs that were killed while they wrote or removed a release left behind.
func (r *Releases) clearUnfinished() error {
	left, err := fs.Glob(os.DirFS(r.folder), ".[br]*ing-*")
	for _, name := range left {
		err = errors.Join(err, os.RemoveAll(r.path(name)))
	}
	return err
}

// Pin keeps a release for good.
func (r *Releases) Pin(number int64) error {
	number, err := r.resolve(number)
	if err != nil {
		return err
	}
	return writeSynced(r.path(strconv.FormatInt(number, 10), "pinned"), nil)
}

// Pinned says whether a release is kept for good: it was pinned, or has a name.
func (r *Releases) Pinned(number int64) bool {
	_, err := os.Stat(r.path(strconv.FormatInt(number, 10), "pinned"))
	return err == nil || r.hasName(number)
}

// Prune removes all but the newest releases and those that are kept for good.
func (r *Releases) Prune() error {
	numbers, err := r.Numbers()
	if err != nil || len(numbers) <= releasesKept {
		return err
	}
	for _, number := range numbers[:len(numbers)-releasesKept] {
		err = errors.Join(err, r.removeUnpinned(number))
	}
	return err
}

// removeUnpinned removes a release that is not kept for good, so that nobody names it meanwhile.
func (r *Releases) removeUnpinned(number int64) (err error) {
	unlock, err := r.lockNames()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if r.Pinned(number) {
		return nil
	}
	return r.remove(strconv.FormatInt(number, 10))
}

// remove takes a release off the list in one step before its files go, so that a half removed one is never shown. One that
// Windows does not let go of, because it is being read, is left to the next run.
func (r *Releases) remove(number string) error {
	removing := r.path(".removing-" + number)
	failpoint.Hit("prune.begun")
	if err := durable.Rename(r.path(number), removing); durable.InUse(err) {
		return nil
	} else if err != nil {
		return err
	}
	failpoint.Hit("prune.renamed")
	err := os.RemoveAll(removing)
	failpoint.Hit("prune.removed")
	return err
}

func joinNumbers(numbers []int64) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(texts, ", ")
}
