package lginform

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/web"
	"github.com/goldthread/goldthread/internal/fault"
)

// A reading is one call of Read.
type reading struct {
	*Source
	topic         topic
	dataset       connectors.Dataset
	before, after cursor
	who           credentials
	whole         bool // everything is read, to find what is no longer given
	taken         int64
	emit          func(connectors.Batch) error
}

// A got is an answer in the archive.
type got struct {
	call
	path    string
	extract connectors.Extract
	date    time.Time
}

func (r *reading) read(ctx context.Context) error {
	var err error
	if r.who, err = r.credentials(); err != nil {
		return r.failed(ctx, call{}, err)
	}
	calls, err := r.calls(ctx)
	if err != nil || len(calls) == 0 {
		return err
	}
	var all []got
	for _, c := range calls {
		g, err := r.get(ctx, c)
		if err != nil {
			return r.failed(ctx, c, err)
		}
		all = append(all, g)
	}
	if r.before.Since == "" {
		r.after.Whole = r.after.Since
	}
	fresh := r.fresh(all)
	if len(fresh) == 0 && r.topic.subject.tracked && r.before.Since != r.after.Since {
		// The cursor moves with a load alone. Without one, what is listed and unchanged would be fetched every night.
		fresh = all
	}
	if len(fresh) > 0 {
		return r.land(ctx, all, fresh)
	}
	return r.same(all)
}

// calls are those to make: of what the service tracks, for what it says was changed, or for everything where that is due.
func (r *reading) calls(ctx context.Context) ([]call, error) {
	of := func(metricTypes []string) []call { return r.topic.subject.calls(r.topic, r.Source, metricTypes) }
	all := []string(r.topic.MetricTypes)
	if r.before.Asked != r.after.Asked || !r.topic.subject.tracked || r.before.Since == "" {
		return of(all), nil
	}
	listed, err := r.listChanged(ctx)
	if err != nil || listed == nil {
		return nil, err
	}
	if r.due() {
		r.whole, r.after.Whole = true, r.after.Since
		return r.comparisonCalls(), nil
	}
	return of(slices.DeleteFunc(slices.Clone(all), func(id string) bool { return !listed[id] })), nil
}

// mostPages is more than the service has metric types for.
const mostPages = 2000

// listChanged gives the metric types that changed, page by page until a page has nothing new; nil where a page could not
// be had, which has then been told. What the list says goes on record as a look that brought no rows.
func (r *reading) listChanged(ctx context.Context) (map[string]bool, error) {
	listed := map[string]bool{}
	var trail web.Trail
	for page := 1; page <= mostPages; page++ {
		c := changedCall(r.before.Since, page)
		g, err := r.get(ctx, c)
		var new int
		if err == nil {
			new, err = r.list(g, listed)
		}
		if err == nil && page > 2 && new > 0 {
			err = trail.Page(page, g.extract.SHA256)
		}
		if err != nil {
			return nil, r.failed(ctx, c, err)
		}
		g.extract.Outcome, r.taken = connectors.Unchanged, 0 // it goes on record by itself
		if err := r.emit(connectors.Batch{Extract: &g.extract}); err != nil {
			return nil, err
		}
		if new == 0 {
			break
		}
	}
	return listed, nil
}

// list adds what a page lists, and counts what was not listed before.
func (r *reading) list(g got, listed map[string]bool) (new int, err error) {
	var body struct {
		problems
		Types []item `json:"metricType-array"`
	}
	file, err := os.Open(g.path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	if err := body.decode(json.NewDecoder(file), &body); err != nil {
		return 0, err
	}
	for _, t := range body.Types {
		if id := string(t.Identifier); !listed[id] {
			listed[id] = true
			new++
		}
	}
	return new, nil
}

// since notes the day to ask from next time: the service's own, and one before it, as its list of changes knows days only.
func (r *reading) since(g got) {
	if r.after.Since == "" {
		r.after.Since = g.date.UTC().AddDate(0, 0, -1).Format(time.DateOnly)
	}
}

// get brings an answer into the archive.
func (r *reading) get(ctx context.Context, c call) (got, error) {
	if err := ctx.Err(); err != nil {
		return got{}, err
	}
	if err := r.meter.may(ctx, r.config.Allowance, r.now()); err != nil {
		return got{}, err
	}
	address, err := r.who.sign(c.address(r.config.URL))
	if err != nil {
		return got{}, refuse("the address of the call cannot be signed")
	}
	answer, err := r.web.GetJSON(ctx, address)
	if err != nil {
		return got{}, err
	}
	defer answer.Close()
	r.meter.took(answer.Size)
	r.taken += answer.Size
	if err := r.unquoted(answer); err != nil {
		return got{}, err
	}
	stored, err := r.deps.Archive.Store(ctx, os.DirFS(filepath.Dir(answer.Path)), filepath.Base(answer.Path))
	if err != nil {
		return got{}, err
	}
	g := got{call: c, path: stored.Path, date: answer.Date, extract: connectors.Extract{
		Place: c.place(r.config.URL), SHA256: stored.SHA256, Size: stored.Size, Outcome: connectors.Landed,
	}}
	if n := len(answer.Retried); n > 0 {
		g.extract.Notes = append(g.extract.Notes, fmt.Sprintf("the service had to be asked %d times: %s", n+1, strings.Join(answer.Retried, "; ")))
	}
	r.since(g)
	return g, nil
}

// unquoted refuses an answer that repeats the key, before it is kept anywhere: by the error that it is, or as data.
func (r *reading) unquoted(answer *web.Answer) error {
	file, err := os.Open(answer.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	quotes, err := r.who.secrets().In(file)
	if err != nil || !quotes {
		return err
	}
	told, err := toldIn(answer.Path)
	if told == nil {
		told = refuse("the answer repeats the key that asked for it, so nothing of it is kept; ask the service's keeper why it does")
	}
	return cmp.Or(err, error(&quoting{told, answer.Size}))
}

// fresh are the answers to read. Of a snapshot that is all of them where one changed, came or went.
func (r *reading) fresh(all []got) []got {
	var fresh []got
	for i := range all {
		g := &all[i]
		r.editionOf(g)
		if r.whole || r.before.Asked != r.after.Asked || r.before.Bodies[g.id()] != g.extract.SHA256 {
			fresh = append(fresh, *g)
		}
		r.after.Bodies[g.id()] = g.extract.SHA256
	}
	if r.topic.subject.mode == connectors.Snapshot && len(fresh) > 0 {
		return all
	}
	return fresh
}

// editionOf dates an answer: by the day it came, or the day it came first where it is the same.
func (r *reading) editionOf(g *got) {
	if !r.topic.subject.dated {
		return
	}
	g.edition = g.date.UTC().Format(time.DateOnly)
	if before := r.before.Editions[g.id()]; before != "" && r.before.Bodies[g.id()] == g.extract.SHA256 {
		g.edition = before
	}
	if r.after.Editions == nil {
		r.after.Editions = map[string]string{}
	}
	r.after.Editions[g.id()] = g.edition
}

// same reports answers that hold what they held last time.
func (r *reading) same(all []got) error {
	for _, g := range all {
		r.taken -= g.extract.Size // it goes on record by itself
		g.extract.Outcome = connectors.SameHash
		if err := r.emit(connectors.Batch{Extract: &g.extract}); err != nil {
			return err
		}
	}
	return nil
}

// failed reports a call that brought nothing. Its error is that of a context that ended.
func (r *reading) failed(ctx context.Context, c call, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(cause, connectors.ErrStopped) {
		return cause
	}
	e := connectors.Extract{Place: c.place(r.config.URL), Outcome: connectors.Failed, Reason: r.reason(cause)}
	var unkept *quoting
	if errors.As(cause, &unkept) {
		e.Outcome, e.Size = connectors.Refused, unkept.size
	}
	r.dropped(&e)
	return r.emit(connectors.Batch{Extract: &e})
}

// dropped counts in an extract the answers that are dropped with it: they still count against the allowance.
func (r *reading) dropped(e *connectors.Extract) {
	if e.Notes = nil; r.taken > e.Size {
		e.Notes = []string{fmt.Sprintf("its size holds %d bytes of other answers, which are dropped with it", r.taken-e.Size)}
		e.Size = r.taken
	}
}

// longestSaid is how much of what a service says is passed on.
const longestSaid = 200

// reason says why a call brought nothing, and whether it may pass by itself, without a secret: what a service says is cut to
// length after that, so that no part of one is left.
func (r *reading) reason(cause error) string {
	var told *fault.Error
	var refused *refusal
	var status *web.StatusError
	reason, said := "the answer cannot be kept: "+connectors.Plainly(cause), ""
	switch {
	case errors.As(cause, &refused):
		reason, said = refused.reason, refused.said
	case errors.As(cause, &told):
		reason = told.What
		if told.Where != "" && !strings.HasPrefix(told.Where, "http") { // a file, and not the call again
			reason = told.Where + ": " + reason
		}
		if told.Fix != "" {
			reason += "; " + told.Fix
		}
	}
	if errors.As(cause, &status) && errors.As(toldBy(status.Head), &refused) {
		reason, said = reason+"; "+refused.reason, refused.said
	}
	known := r.who.secrets()
	reason = known.Blank(reason) + fmt.Sprintf("%.*s", longestSaid, known.Blank(said))
	if fault.IsTransient(cause) {
		reason += "; this may pass, and the next run tries again"
	}
	return reason
}
