package lginform

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Allowance is how much data the council's key may take, in megabytes of answers; 0 where that is not said.
type Allowance struct {
	// MonthMB is megabytes of answers a month, by UTC.
	MonthMB int64 `yaml:"month_mb"`
	// DayMB is megabytes of answers a day, by UTC.
	DayMB int64 `yaml:"day_mb"`
}

const megabyte = 1_000_000

// A meter counts what a source takes. It is safe for concurrent use.
type meter struct {
	mu      sync.Mutex
	taken   func(ctx context.Context, since time.Time) (int64, error) // by the ledger; nil where there is none
	known   bool
	month   int64 // bytes since the month began, those of this run among them
	day     int64
	largest int64 // answer of this run
}

// Meter is told how to ask the ledger, at the beginning of each run.
func (s *Source) Meter(taken func(ctx context.Context, since time.Time) (int64, error)) {
	s.meter.mu.Lock()
	defer s.meter.mu.Unlock()
	s.meter.taken, s.meter.known, s.meter.month, s.meter.day, s.meter.largest = taken, false, 0, 0, 0
}

// may says whether one more answer may be asked for. How large it will be nobody knows; it is taken to be as large as the
// largest of this run.
func (m *meter) may(ctx context.Context, a Allowance, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.look(ctx, now.UTC()); err != nil {
		return err
	}
	for _, one := range []struct {
		allowed, taken int64
		of             string
	}{{a.DayMB, m.day, "day"}, {a.MonthMB, m.month, "month"}} {
		if one.allowed > 0 && one.taken+m.largest >= one.allowed*megabyte {
			return refuse("not asked: %.1f of the %d MB a %s that allowance in the source's file grants are taken, by the ledger, and one more answer "+
				"may go beyond them; it goes on by itself when the %[3]s is over", float64(one.taken)/megabyte, one.allowed, one.of)
		}
	}
	return nil
}

// look asks the ledger what was taken before this run.
func (m *meter) look(ctx context.Context, now time.Time) (err error) {
	if m.known || m.taken == nil {
		return nil
	}
	if m.month, err = m.taken(ctx, time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)); err == nil {
		m.day, err = m.taken(ctx, time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC))
	}
	if err != nil {
		return fmt.Errorf("asking the ledger what was taken of the allowance: %w", err)
	}
	m.known = true
	return nil
}

// took counts an answer.
func (m *meter) took(bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.month, m.day, m.largest = m.month+bytes, m.day+bytes, max(m.largest, bytes)
}
