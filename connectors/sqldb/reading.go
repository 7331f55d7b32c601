package sqldb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path"
	"strings"
	"time"

	"github.com/goldthread/goldthread/connectors"
)

// A reading is one call of Read.
type reading struct {
	*Source
	table  table
	before cursor // moves on with each load that was handed over
	emit   func(connectors.Batch) error
	line   *line             // of this try
	secret connectors.Secret // that this try signs in with
	begun  bool              // something of the load at hand was yielded
	notes  []string          // of tries that came to nothing
}

// A scope is which rows a load reads: those at and after a cursor, or all where there is none.
type scope struct {
	since *string
	why   string // everything is read, where that is not what would be expected
}

// read tries until a reading is whole, or is refused, or has failed as often as the settings bear.
func (r *reading) read(ctx context.Context) error {
	for try := 1; ; try++ {
		err := r.once(ctx)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, connectors.ErrStopped):
			return err
		}
		p := r.explain(err)
		if !p.passes || try == r.config.Tries {
			return r.give(p, try)
		}
		r.notes = append(r.notes, fmt.Sprintf("try %d came to nothing: %s", try, p.words))
		if r.begun {
			r.begun = false
			if err := r.emit(connectors.Batch{Discard: true, EndOfLoad: true}); err != nil {
				return err
			}
		}
		if err := r.wait(ctx, time.Second<<(2*(try-1))); err != nil {
			return err
		}
	}
}

// give reports a reading that brought nothing.
func (r *reading) give(p problem, tries int) error {
	e := connectors.Extract{Place: r.place(), Outcome: connectors.Failed, Reason: p.words}
	if p.refused {
		e.Outcome = connectors.Refused
	}
	if tries > 1 {
		e.Reason += fmt.Sprintf(" (tried %d times)", tries)
	}
	if p.passes {
		e.Reason += "; this may pass, and the next run tries again"
	}
	return r.emit(connectors.Batch{Extract: &e, Discard: r.begun, EndOfLoad: true})
}

// once reads what there is to read in one session.
func (r *reading) once(ctx context.Context) error {
	s, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	v := &visit{reading: r, session: s, after: cursor{Of: r.of()}}
	return v.read(ctx)
}

// connect opens a session with the password as it stands now.
func (r *reading) connect(ctx context.Context) (session, error) {
	r.line = &line{}
	t := r.target(r.line)
	if r.config.password().Given() {
		var err error
		if r.secret, err = r.deps.Secret(r.config.password()); err != nil {
			return nil, err
		}
		t.Password = r.secret.Reveal()
	}
	return r.dialect.connect(ctx, t)
}

// of names what is read and by which columns.
func (r *reading) of() string {
	of := r.table.Table
	if of == "" {
		of = r.table.SQL
	}
	return strings.Join([]string{r.config.Engine, r.config.Host, r.config.Database, of, r.table.Cursor.Column, r.table.Cursor.Fallback}, " ")
}

// place is where a look went, without anything secret.
func (r *reading) place() string {
	what := r.table.Table
	if what == "" {
		what = r.table.SQL
	}
	host := r.config.Host
	if isSocket(host) {
		host = "localhost"
	}
	return path.Join(host, r.config.Database, what)
}

// relation is what the dataset reads.
func (r *reading) relation() (relation, error) {
	if r.table.SQL != "" {
		query, err := fs.ReadFile(os.DirFS(r.deps.Root), r.table.SQL)
		if err != nil {
			return relation{}, refuse("the query cannot be read: %s", connectors.Plainly(err))
		}
		return relation{Query: string(query)}, nil
	}
	schema, name, dotted := strings.Cut(r.table.Table, ".")
	if !dotted {
		return relation{Table: schema}, nil
	}
	return relation{Schema: schema, Table: name}, nil
}

// A visit is a reading in one session.
type visit struct {
	*reading
	session session
	dataset connectors.Dataset // of the contract, with the columns that are added to it
	plan    plan
	after   cursor
	about   []string // what is to be said of this visit's first load
}

// read looks at what is there and reads it, load by load.
func (v *visit) read(ctx context.Context) error {
	found, err := v.look(ctx)
	if err != nil {
		return err
	}
	if err := v.compare(found); err != nil {
		return err
	}
	if err := v.warn(ctx); err != nil {
		return err
	}
	v.after.Shape = &found
	v.about = append(v.about, found.About...)
	first, sums, err := v.first(ctx)
	if err != nil {
		return err
	}
	if err := v.load(ctx, first, sums); err != nil {
		return err
	}
	if first.since == nil || !v.comparisonDue(sums.now) {
		return nil
	}
	whole := scope{why: "a full comparison"}
	if sums, err = v.survey(ctx, whole); err != nil {
		return err
	}
	return v.load(ctx, whole, sums)
}

// look finds what the dataset reads, and makes the plan of it.
func (v *visit) look(ctx context.Context) (shape, error) {
	r, err := v.relation()
	if err != nil {
		return shape{}, err
	}
	found, err := v.dialect.shape(ctx, v.session, r)
	if err != nil {
		return shape{}, err
	}
	return found, v.bind(r, found)
}

// first says what the first load reads: what changed, unless nothing says where that begins.
func (v *visit) first(ctx context.Context) (scope, totals, error) {
	s := scope{}
	switch {
	case v.plan.by == "" || v.before.Of == "":
	case v.before.Of != v.after.Of:
		s.why = "the settings ask for something else than last time"
	case v.before.At == nil:
	default:
		s.since = v.before.At
	}
	sums, err := v.survey(ctx, s)
	if err != nil || sums.behind == "" {
		return s, sums, err
	}
	s = scope{why: "no row is as late any more as the latest one of last time, as where the source was set back"}
	if sums.behind == clockBehind {
		s.why = "the source's clock is behind what it was last time"
	}
	sums, err = v.survey(ctx, s)
	return s, sums, err
}

// comparisonDue says whether everything is to be read again, by the source's clock.
func (v *visit) comparisonDue(now int64) bool {
	words := v.table.FullComparison
	if words == "" {
		words = "weekly"
	}
	days := comparisons[words]
	const day = 24 * 60 * 60
	return v.table.Mode == connectors.Increment && days > 0 && now/day-v.before.Compared/day >= int64(days)
}

// survey asks what the source says of a scope in sum.
func (v *visit) survey(ctx context.Context, s scope) (totals, error) {
	statement, args := v.plan.survey(s)
	var sums totals
	err := v.session.query(ctx, statement, args, func(row []connectors.Cell) (err error) {
		sums, err = v.totals(row)
		return err
	})
	return sums, err
}

// warn says what is unsafe about the connection, which is none of the contract's matter.
func (v *visit) warn(ctx context.Context) error {
	may, err := v.dialect.writes(ctx, v.session)
	if err != nil {
		return err
	}
	if may != "" {
		v.about = append(v.about, fmt.Sprintf("the account %s may write to %s; reading needs no such right, and docs/databases.md has the grants that do", v.config.User, may))
	}
	if v.config.TLS == tlsOff && !isSocket(v.config.Host) && !isLoopback(v.config.Host) {
		v.about = append(v.about, "the connection is not encrypted (tls: off)")
	}
	return nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
