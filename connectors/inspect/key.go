package inspect

import (
	"slices"
	"strings"

	"github.com/zeebo/xxh3"
)

const (
	mostKeyRows    = 300_000 // rows in which a key is looked for; the trial looks at all
	fewKeyRows     = 3_000   // rows in which most sets of columns show that they are none
	mostKeyColumns = 14      // columns of which sets are tried
	widestKey      = 5
)

// A keySearch holds a hash of each cell of the columns that a key may be made of.
type keySearch struct {
	columns []*column
	cells   [][]uint64
}

// newKeySearch chooses the columns, the likeliest first.
func newKeySearch(columns []*column) *keySearch {
	k := &keySearch{}
	for _, c := range columns {
		if c.keyRank() < 9 {
			k.columns = append(k.columns, c)
		}
	}
	slices.SortStableFunc(k.columns, func(a, b *column) int { return a.keyRank() - b.keyRank() })
	k.columns = k.columns[:min(len(k.columns), mostKeyColumns)]
	k.cells = make([][]uint64, len(k.columns))
	return k
}

// keyRank says how likely a column is to be of a key, the least number first; 9 is never.
func (c *column) keyRank() int {
	switch {
	case c.n == 0 || c.blank == c.n || c.terms.Statuses != nil || strings.HasPrefix(c.terms.Type, "decimal") || c.terms.Type == "boolean":
		return 9
	case c.length > 80*c.n && (c.distinct == nil || 2*len(c.distinct) > int(c.n)): // prose, unless few texts stand again and again
		return 9
	case len(c.distinct) == 1 && c.n > 1 && c.terms.Type != "period": // one text throughout tells no row from another
		return 9
	case c.terms.Type == "integer" && !hasWord(c.name, "year", "month", "week", "day", "line", "row", "band") && !strings.HasSuffix(c.name, "id"):
		return 9 // an amount
	case c.blank > 0: // a key may have empty parts, but better not
		return 7
	case c.terms.Type == "period":
		return 1
	case c.terms.Type == "area_code":
		return 2
	case c.isCode():
		return 0
	case hasWord(c.name, "amount", "value", "total", "cost", "count", "lat", "lon", "easting", "northing", "description", "notes"):
		return 9
	case c.terms.Type == "text" && c.distinct != nil:
		return 3
	case c.terms.Type == "text":
		return 4
	case c.terms.Type == "date" || c.terms.Type == "timestamp":
		return 5
	}
	return 6
}

// add takes in a row and says whether another is wanted.
func (k *keySearch) add(fields [][]byte) (more bool) {
	for i, c := range k.columns {
		k.cells[i] = append(k.cells[i], xxh3.Hash(fields[c.index]))
	}
	return len(k.columns) > 0 && len(k.cells[0]) < mostKeyRows
}

// find gives the smallest set of columns whose values differ from row to row; where there is none, the number of rows that
// all columns together repeat.
func (k *keySearch) find() (key []*column, repeats int) {
	if len(k.columns) == 0 || len(k.cells[0]) == 0 {
		return nil, 0
	}
	for size := 1; size <= min(widestKey, len(k.columns)); size++ {
		for _, set := range sets(len(k.columns), size) {
			if k.repeats(set, fewKeyRows) == 0 && k.repeats(set, mostKeyRows) == 0 {
				return k.named(set), 0
			}
		}
	}
	every := make([]int, len(k.columns))
	for i := range every {
		every[i] = i
	}
	return nil, k.repeats(every, mostKeyRows)
}

func (k *keySearch) named(set []int) []*column {
	chosen := make([]*column, len(set))
	for i, at := range set {
		chosen[i] = k.columns[at]
	}
	slices.SortFunc(chosen, func(a, b *column) int { return a.index - b.index })
	return chosen
}

// repeats counts the rows whose cells in the set have stood before.
func (k *keySearch) repeats(set []int, most int) (n int) {
	rows := min(most, len(k.cells[0]))
	seen := make(map[uint64]struct{}, rows)
	for row := range rows {
		var hash uint64
		for _, at := range set {
			hash = hash*0x9E3779B97F4A7C15 + k.cells[at][row]
			hash ^= hash >> 29
		}
		if _, repeated := seen[hash]; repeated {
			n++
		}
		seen[hash] = struct{}{}
	}
	return n
}

// sets are all ways to choose so many of n, those of lower numbers first.
func sets(n, size int) (all [][]int) {
	var choose func(from int, chosen []int)
	choose = func(from int, chosen []int) {
		if len(chosen) == size {
			all = append(all, slices.Clone(chosen))
			return
		}
		for i := from; i < n; i++ {
			choose(i+1, append(chosen, i))
		}
	}
	choose(0, nil)
	return all
}

// setKey proposes a key for a dataset, or says that there is none. A period belongs to it even where this file has one only,
// as the next will have another.
func (d *dataset) setKey(k *keySearch) {
	key, repeats := k.find()
	if len(key) == 0 {
		d.doubt("key", "no set of up to %d of the likely columns tells all rows apart (all of them together repeat in %d rows). "+
			"Without a key equal rows are all kept", widestKey, repeats)
		return
	}
	for _, c := range d.columns {
		if slices.Contains(key, c) || c.terms.Type == "period" && c.keyRank() < 9 {
			d.key = append(d.key, c.name)
			c.terms.Required = c.blank == 0
		}
	}
}
