package sqldb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/connectors"
)

// Deep reads every dataset to its end and keeps nothing, so that a council can try an engine on a copy of its own.
func (s *Source) Deep(ctx context.Context) ([]connectors.Finding, error) {
	var findings []connectors.Finding
	for i, t := range s.tables {
		p := &probe{dataset: t.dataset.Name, aside: map[string]int64{}}
		r := &reading{Source: s, table: t, emit: p.take}
		if err := p.try(ctx, r, i == 0); err != nil {
			p.find("reading", r.explain(err).words, false)
		}
		if err := ctx.Err(); err != nil {
			return findings, err
		}
		findings = append(findings, p.findings...)
	}
	return findings, nil
}

// A probe is one dataset being tried.
type probe struct {
	dataset  string
	findings []connectors.Finding
	aside    map[string]int64 // rows set aside, by column
}

func (p *probe) find(tried, found string, ok bool) {
	p.findings = append(p.findings, connectors.Finding{Dataset: p.dataset, Tried: tried, Found: found, OK: ok})
}

// take counts what would be set aside and lets go of the rest.
func (p *probe) take(b connectors.Batch) error {
	for _, reject := range b.Rejects {
		p.aside[reject.Column]++
	}
	if b.Rows != nil {
		b.Rows.Release()
	}
	return nil
}

func (p *probe) try(ctx context.Context, r *reading, first bool) error {
	session, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer session.close()
	v := &visit{reading: r, session: session, after: cursor{Of: r.of()}}
	if first {
		if err := p.tryAccount(ctx, v); err != nil {
			return err
		}
	}
	found, err := v.look(ctx)
	if err != nil {
		return err
	}
	for i, c := range v.plan.columns {
		own := v.dataset.Columns[i]
		p.find("column "+own.Name, fmt.Sprintf("%s at the source, lands as %s", c.Type, own.Kind), true)
	}
	p.find("primary key", fmt.Sprintf("(%s) at the source, (%s) in the contract", strings.Join(found.Key, ", "), strings.Join(v.table.Key, ", ")),
		len(found.Key) == 0 || len(found.Key) == len(v.table.Key))
	sums, err := v.survey(ctx, scope{})
	if err != nil {
		return err
	}
	if err := p.tryCursor(ctx, v, sums); err != nil {
		return err
	}
	return p.tryRows(ctx, v, sums)
}

// tryAccount says how the server was reached and what the account may do there.
func (p *probe) tryAccount(ctx context.Context, v *visit) error {
	secured := "with a certificate that was verified"
	if v.target(v.line).TLS.off {
		secured = "without encryption"
	}
	p.find("connection", fmt.Sprintf("%s at %s, %s", v.config.Engine, v.config.Host, secured), true)
	may, err := v.dialect.writes(ctx, v.session)
	if err != nil {
		return err
	}
	if may == "" {
		p.find("rights", "the account may only read", true)
	} else {
		p.find("rights", "the account may write to "+may, false)
	}
	return nil
}

// tryCursor reads from the greatest value on, which must bring the rows that have it.
func (p *probe) tryCursor(ctx context.Context, v *visit, sums totals) error {
	if v.plan.by == "" {
		return nil
	}
	name := "cursor " + v.plan.cursor.Name
	p.find(name, fmt.Sprintf("%s; %d of %d rows have none", v.plan.cursor.Type, sums.rows-sums.dated, sums.rows), sums.dated > 0 || sums.rows == 0)
	if sums.latest == nil {
		return nil
	}
	exact := *v
	exact.plan.back = lookBack{}
	again, err := exact.survey(ctx, scope{since: sums.latest})
	if err != nil {
		return err
	}
	p.find(name, fmt.Sprintf("reading from the latest value on finds %d rows", again.dated), again.dated > 0)
	return nil
}

// tryRows reads everything.
func (p *probe) tryRows(ctx context.Context, v *visit, sums totals) error {
	whole := 1.0
	v.dataset.MaxQuarantined = whole
	if err := v.load(ctx, scope{}, sums); err != nil {
		return err
	}
	p.find("rows", fmt.Sprintf("%d were read, and their totals are the source's", sums.rows), true)
	for _, name := range slices.Sorted(maps.Keys(p.aside)) {
		p.find("column "+name, fmt.Sprintf("%d values cannot be kept as the contract says, and their rows would be set aside", p.aside[name]), false)
	}
	return nil
}
