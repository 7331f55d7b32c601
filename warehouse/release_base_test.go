package warehouse

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// A star is a table of a few measures, of which some change between releases.
type star struct {
	w      *Warehouse
	folder string
	state  map[string]string // of each measure: what tells its rows
}

func newStar(t *testing.T, measures int) *star {
	folder := t.TempDir()
	s := &star{openTest(t, folder), folder, map[string]string{}}
	s.exec(t, "create schema core; create table core.facts (measure_key integer, n integer, value integer)")
	for m := range measures {
		s.set(t, m, 0)
	}
	return s
}

func (s *star) exec(t *testing.T, statement string) {
	t.Helper()
	if _, err := s.w.Conn().ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// set gives a measure new rows.
func (s *star) set(t *testing.T, measure, version int) {
	s.exec(t, fmt.Sprintf("delete from core.facts where measure_key = %[1]d; insert into core.facts select %[1]d, n, n * %[2]d from range(100 + %[2]d) as r (n)", measure, version))
	s.state[fmt.Sprint(measure)] = fmt.Sprint(version)
}

func (s *star) drop(t *testing.T, measure int) {
	s.exec(t, fmt.Sprintf("delete from core.facts where measure_key = %d", measure))
	delete(s.state, fmt.Sprint(measure))
}

func (s *star) release(t *testing.T) int64 {
	t.Helper()
	number, err := s.w.Release(t.Context(), ReleasePlan{RunID: 1, Audience: "staff",
		Tables: []ReleaseTable{
			{Schema: "core", Name: "facts", Content: fmt.Sprint(s.state), PartitionBy: "measure_key", Partitions: maps.Clone(s.state)},
			{Schema: "core", Name: "large", View: "select * from core.facts where n > 50", Content: "v"},
		},
		Comments: []Comment{{"core", "facts", "", "Facts."}, {"core", "facts", "value", "The value."}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return number
}

// differs says how many rows a release and the warehouse do not have in common.
func (s *star) differs(t *testing.T, number int64) (rows int) {
	t.Helper()
	path := filepath.Join(s.folder, "releases", fmt.Sprint(number), "staff.duckdb")
	s.exec(t, "attach '"+path+"' as made (read_only)")
	defer s.exec(t, "detach made")
	err := s.w.Conn().QueryRowContext(t.Context(), `
		select count(*)
		from ((from core.facts except all from made.core.facts) union all (from made.core.facts except all from core.facts)
			union all (from made.core.large except all (from core.facts where n > 50)))`).Scan(&rows)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestAReleaseMadeFromTheOneBeforeHoldsWhatTheWarehouseHolds(t *testing.T) {
	s := newStar(t, 40)
	random := rand.New(rand.NewPCG(1, 1))
	for n := 1; n <= 25; n++ {
		for range random.IntN(4) {
			s.set(t, random.IntN(44), n)
		}
		if random.IntN(3) == 0 {
			s.drop(t, random.IntN(44))
		}
		s.set(t, random.IntN(44), n)
		number := s.release(t)
		if rows := s.differs(t, number); rows > 0 {
			t.Fatalf("release %d differs in %d rows", number, rows)
		}
	}
}

// TestAReleaseBeginsWithTheOneBefore looks at what it took over: a table that nobody changed, but for one partition, is not written
// again, and after many such releases it is.
func TestAReleaseBeginsWithTheOneBefore(t *testing.T) {
	s := newStar(t, 40)
	s.release(t)
	var replaced []int64
	for n := 1; n <= 12; n++ {
		s.set(t, 7, n)
		number := s.release(t)
		base, err := NewReleases(s.folder).base("staff")
		if err != nil {
			t.Fatal(err)
		}
		if base == nil {
			replaced = append(replaced, -1)
			continue
		}
		replaced = append(replaced, base.partitions["core.facts"].Replaced)
		if rows := s.differs(t, number); rows > 0 {
			t.Errorf("release %d differs in %d rows", number, rows)
		}
	}
	want := []int64{100, 201, 303, 406, 510, 615, 721, 828, 936, -1, 0, 111}
	if fmt.Sprint(replaced) != fmt.Sprint(want) {
		t.Errorf("rows removed since the table was last written whole: %v, want %v", replaced, want)
	}
}

// TestAReleaseIsNotMadeFromADamagedOne flips a byte in the middle of a file of the release before.
func TestAReleaseIsNotMadeFromADamagedOne(t *testing.T) {
	for _, name := range []string{"staff.duckdb", partitionsFile} {
		s := newStar(t, 10)
		s.release(t)
		path := filepath.Join(s.folder, "releases", "1", name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text[len(text)/2] ^= 0x10
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		s.set(t, 3, 5)
		if rows := s.differs(t, s.release(t)); rows > 0 {
			t.Errorf("%s: it differs in %d rows", name, rows)
		}
		base, err := NewReleases(s.folder).base("staff")
		if err != nil || base.partitions["core.facts"].Replaced != 0 {
			t.Errorf("it was made from the damaged %s: %v", name, err)
		}
	}
}
