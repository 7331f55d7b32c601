// Package bench measures Goldthread on the machine it runs on. Each figure stands beside its floor: the least that the same
// work can take there, measured in the same run, so that a slow or busy machine slows both.
package bench

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"time"
)

// Options say how much to measure.
type Options struct {
	Rows        int
	Repeat      int    // each figure is the median of so many
	MemoryLimit string // of the engine
	Threads     int
	// Progress is told what is being measured. It may be nil.
	Progress func(stage string)
}

// A Figure is one measurement beside its floor.
type Figure struct {
	Name         string  `json:"name"`
	Rows         int64   `json:"rows"`
	Seconds      float64 `json:"seconds"`
	FloorSeconds float64 `json:"floor_seconds"`
	Ratio        float64 `json:"ratio"`    // floor_seconds / seconds: 1 is as quick as the floor
	PeakMiB      float64 `json:"peak_mib"` // the most memory the process held meanwhile; 0 where the system does not tell
	Floor        string  `json:"floor"`    // what the floor is
}

// A measurement gathers what one figure took, time after time.
type measurement struct {
	figure       Figure
	ours, floors []time.Duration
}

func (m *measurement) time(do func() error) error {
	debug.FreeOSMemory()
	forgetPeak()
	took, err := timed(do)
	m.ours = append(m.ours, took)
	m.figure.PeakMiB = max(m.figure.PeakMiB, peakMiB())
	return err
}

func (m *measurement) timeFloor(do func() error) error {
	took, err := timed(do)
	m.floors = append(m.floors, took)
	return err
}

// took notes seconds that were measured elsewhere.
func (m *measurement) took(rows int64, seconds, peak float64) {
	m.figure.Rows = rows
	m.ours = append(m.ours, duration(seconds))
	m.figure.PeakMiB = max(m.figure.PeakMiB, peak)
}

func (m *measurement) floorTook(seconds float64) { m.floors = append(m.floors, duration(seconds)) }

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

func timed(do func() error) (time.Duration, error) {
	began := time.Now()
	err := do()
	return time.Since(began), err
}

func (m *measurement) result() Figure {
	f := m.figure
	f.Seconds, f.FloorSeconds = median(m.ours).Seconds(), median(m.floors).Seconds()
	f.Ratio = f.FloorSeconds / f.Seconds
	return f
}

func results(measurements ...*measurement) (figures []Figure) {
	for _, m := range measurements {
		figures = append(figures, m.result())
	}
	return figures
}

// median is the middle one, or the lower of two in the middle.
func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[(len(sorted)-1)/2]
}

func (o Options) progress(format string, args ...any) {
	if o.Progress != nil {
		o.Progress(fmt.Sprintf(format, args...))
	}
}

// inTemp calls do, so often as is to be repeated, each time with a folder of its own that is removed afterwards.
func (o Options) inTemp(ctx context.Context, do func(folder string) error) error {
	for i := range o.Repeat {
		if err := ctx.Err(); err != nil {
			return err
		}
		o.progress("measuring, %d of %d", i+1, o.Repeat)
		if err := withTemp(do); err != nil {
			return err
		}
	}
	return nil
}

func withTemp(do func(folder string) error) error {
	folder, err := os.MkdirTemp("", "goldthread-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	return do(folder)
}

func forgetPeak() { forgetPeakOf(os.Getpid()) }

func peakMiB() float64 { return peakMiBOf(os.Getpid()) }
