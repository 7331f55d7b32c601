package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// A releaseLine is a release in the list.
type releaseLine struct {
	warehouse.Manifest
	Before    int64 // the one before it that is kept; 0 where there is none
	Size      int64 // of the audience's files
	Current   bool
	Pinned    bool // kept for good, as one with a name is
	Names     []string
	Audiences string
}

// releaseLines lists the releases that an audience may read, the newest first; staff may read all.
func (s *Server) releaseLines(audience string) ([]releaseLine, error) {
	numbers, err := s.Releases.Numbers()
	if err != nil {
		return nil, err
	}
	current, err := s.Releases.Current()
	if err != nil {
		return nil, err
	}
	names := s.releaseNames()
	var lines []releaseLine
	for _, number := range numbers {
		m, err := s.Releases.Manifest(number)
		if err != nil {
			continue // it was removed since they were listed
		}
		if audience != council.Staff && !slices.Contains(m.Audiences(), audience) {
			continue
		}
		line := releaseLine{Manifest: m, Current: number == current, Pinned: s.Releases.Pinned(number), Names: names[number], Audiences: strings.Join(m.Audiences(), ", ")}
		if audience != council.Staff {
			line.Audiences = audience
		}
		for _, f := range m.Files {
			if audience == council.Staff || f.Audience == audience {
				line.Size += f.Size
			}
		}
		if len(lines) > 0 {
			line.Before = lines[len(lines)-1].Release
		}
		lines = append(lines, line)
	}
	slices.Reverse(lines)
	return lines, nil
}

// releaseNames are those that people gave, by release. What cannot be read of them is for the log.
func (s *Server) releaseNames() map[int64][]string {
	names := map[int64][]string{}
	named, err := s.Releases.Named()
	if err != nil {
		s.Log.Warn().Err(err).Msg("names of releases cannot be read")
	}
	for _, n := range named {
		if !n.Missing {
			names[n.Release] = append(names[n.Release], n.Name)
		}
	}
	return names
}

// A releasePage is a release and how it differs from another.
type releasePage struct {
	releaseLine
	Files     []warehouse.ManifestFile
	Others    []releaseLine // with which it can be compared
	Against   *releaseLine
	Tables    []tableLine
	Alike     int // tables that hold the same
	Moves     []move
	Moved     int    // how many figures, those that are not shown among them
	Unmatched string // why the figures cannot be compared
}

// A tableLine is a table that differs between two releases.
type tableLine struct {
	Name        string
	Before, Now int64 // rows
	State       state
}

// Difference is how many rows more there are now.
func (t tableLine) Difference() int64 { return t.Now - t.Before }

func (s *Server) readRelease(r *http.Request, one reader) (any, error) {
	lines, err := s.releaseLines(one.Audience)
	if err != nil {
		return nil, err
	}
	at := releaseAt(lines, r.PathValue("number"))
	if at < 0 {
		return nil, refusal{http.StatusNotFound, "There is no such release", "The status page lists those that are kept and that you may read."}
	}
	page := &releasePage{releaseLine: lines[at], Others: slices.Delete(slices.Clone(lines), at, at+1)}
	for _, f := range page.Manifest.Files {
		if one.Staff() || f.Audience == one.Audience {
			page.Files = append(page.Files, f)
		}
	}
	against := r.URL.Query().Get("against")
	if against == "" && page.Before > 0 {
		against = strconv.FormatInt(page.Before, 10)
	}
	if against == "" {
		return page, nil
	}
	other := releaseAt(page.Others, against)
	if other < 0 {
		return nil, refusal{http.StatusNotFound, "There is no such release to compare with", "Choose one of those that the page of the release lists."}
	}
	page.Against = &page.Others[other]
	page.compareTables(one.Audience)
	s.compareFigures(r.Context(), page, one.Audience)
	return page, nil
}

func releaseAt(lines []releaseLine, number string) int {
	return slices.IndexFunc(lines, func(l releaseLine) bool { return strconv.FormatInt(l.Release, 10) == number })
}

// compareTables says which of an audience's tables differ, by what the releases' manifests say of them.
func (p *releasePage) compareTables(audience string) {
	before := map[string]warehouse.ManifestTable{}
	for _, t := range p.Against.Tables {
		if t.Audience == audience {
			before[t.Name] = t
		}
	}
	for _, t := range p.releaseLine.Tables {
		if t.Audience != audience {
			continue
		}
		old, was := before[t.Name]
		delete(before, t.Name)
		switch {
		case !was:
			p.Tables = append(p.Tables, tableLine{t.Name, 0, t.Rows, state{"unknown", "New table"}})
		case old.Content == t.Content:
			p.Alike++
		default:
			p.Tables = append(p.Tables, tableLine{t.Name, old.Rows, t.Rows, state{"unknown", "Rows differ"}})
		}
	}
	for name, t := range before {
		p.Tables = append(p.Tables, tableLine{name, t.Rows, 0, state{"unknown", "Table is gone"}})
	}
	slices.SortFunc(p.Tables, func(a, b tableLine) int { return strings.Compare(a.Name, b.Name) })
}

// A move is a figure that differs, as the page tells it.
type move struct {
	Measure, Name, Period, Area, Unit string
	Before, Now                       figure
}

// A figure is what there was of it in one release. Value says why there is none where IsValue is false.
type figure struct {
	Value   string
	IsValue bool
	Target  string
	RAG     string // or why there is none
}

// mostMoves is how many figures a page shows.
const mostMoves = 200

const comparingTime = 20 * time.Second

// comparingLimits let a comparison be made beside readers on a small machine.
var comparingLimits = duckdb.Settings{MemoryLimit: "512MB", Threads: 1}

// compareFigures lists the figures that moved.
func (s *Server) compareFigures(ctx context.Context, page *releasePage, audience string) {
	ctx, cancel := context.WithTimeout(ctx, comparingTime)
	defer cancel()
	select {
	case s.compared <- struct{}{}:
		defer func() { <-s.compared }()
	case <-ctx.Done():
		page.Unmatched = "Another comparison is being made. Load the page again in a moment."
		return
	}
	moves, err := warehouse.CompareFigures(ctx, s.Releases, warehouse.ComparePlan{From: page.Against.Release, To: page.Release, Audience: audience, Limits: comparingLimits})
	if err != nil {
		s.Log.Warn().Err(err).Int64("release", page.Release).Int64("against", page.Against.Release).Msg("figures of two releases cannot be compared")
		page.Unmatched = "The figures of these two releases cannot be compared; the log of goldthread serve says why."
		return
	}
	page.Moved = len(moves)
	for _, m := range moves[:min(len(moves), mostMoves)] {
		page.Moves = append(page.Moves, moveOf(m))
	}
}

func moveOf(m warehouse.FigureMove) move {
	one := move{Measure: m.MeasureCode, Name: saidOf(m.MeasureName), Period: cmp.Or(saidOf(m.PeriodLabel), m.PeriodCode), Area: saidOf(m.AreaCode), Unit: saidOf(m.Unit)}
	one.Before = figureOf(m.ValueFrom, m.StatusFrom, m.RAGFrom)
	one.Now = figureOf(m.ValueTo, m.StatusTo, m.RAGTo)
	one.Before.Value, one.Now.Value = displayed(one.Before.Value, one.Now.Value)
	if before, now := displayed(saidOf(m.TargetFrom), saidOf(m.TargetTo)); before != now {
		one.Before.Target, one.Now.Target = cmp.Or(before, "none"), cmp.Or(now, "none")
	}
	return one
}

func figureOf(value, status, rag *string) figure {
	f := figure{Value: saidOf(value), IsValue: value != nil, RAG: plainly(saidOf(rag))}
	if value == nil {
		f.Value = cmp.Or(plainly(saidOf(status)), "not there")
	}
	return f
}

// saidOf is a cell's text; empty where there is none.
func saidOf(cell *string) string {
	if cell == nil {
		return ""
	}
	return *cell
}

// plainly is a code such as no_target in words.
func plainly(code string) string { return strings.ReplaceAll(code, "_", " ") }
