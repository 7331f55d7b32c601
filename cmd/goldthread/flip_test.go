package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// flips says how many bits are flipped in which file, each in a council's state of its own.
var flips = []struct {
	file string
	n    int
}{
	{"warehouse.duckdb", 100},
	{"warehouse.duckdb.wal", 60},
	{"journal", 40},
}

// TestAFlippedBitIsNeverSilent flips one bit at a time in the state that a killed run left, with the build of a model in the
// engine's log that is not in its file yet, and runs the program. It must refuse, tell, or come to exactly the right result.
func TestAFlippedBitIsNeverSilent(t *testing.T) {
	program := buildProgram(t)
	want := undisturbed(t, program, tinyCouncil)
	killed := afterFirstPass(t, program, tinyCouncil)
	mustBeKilled(t, program, killed, "build.after_commit")
	var told, right, silent atomic.Int64
	t.Cleanup(func() {
		fmt.Printf("flips: %d refused or told, %d without harm, %d silent (seed %d)\n", told.Load(), right.Load(), silent.Load(), *seed)
	})
	for i, f := range flips {
		positions := rand.New(rand.NewPCG(*seed, uint64(i)))
		text, err := os.ReadFile(filepath.Join(killed, ".goldthread", f.file))
		if err != nil {
			t.Fatal(err)
		}
		for range f.n {
			at, bit := place(positions, text), positions.IntN(8)
			t.Run(fmt.Sprintf("%s byte %d bit %d", f.file, at, bit), func(t *testing.T) {
				t.Parallel()
				folder := t.TempDir()
				copyFolder(t, killed, folder)
				flip(t, filepath.Join(folder, ".goldthread", f.file), at, bit)
				out, err := commandOf(program, folder, "").CombinedOutput()
				faults := verdict(t.Context(), folder, nil, want)
				switch {
				case err != nil:
					told.Add(1)
					checkTold(t, out)
				case len(faults) == 0:
					right.Add(1)
				case refusedWhenRead(faults) && readersSee(t, folder, want):
					told.Add(1) // the run did not need the damaged block; whoever reads it is refused
				default:
					silent.Add(1)
					t.Errorf("the run said nothing: %s\n%s", out, strings.Join(faults, "\n"))
				}
			})
		}
	}
}

// refusedWhenRead says whether the engine refuses to give what was damaged.
func refusedWhenRead(faults []string) bool {
	return slices.ContainsFunc(faults, func(fault string) bool { return strings.Contains(fault, "Corrupt database file") })
}

// readersSee says whether what was released is as it would be without the flip.
func readersSee(t *testing.T, folder, want string) bool {
	t.Helper()
	ledger, err := duckdb.Open(t.Context(), duckdb.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	defer ledger.Close()
	released, _ := releaseOf(t.Context(), ledger, folder)
	return len(released) > 0 && strings.HasSuffix(want, strings.Join(released, "\n"))
}

// place chooses a byte: every other time among those that hold something, because most of a young file is empty.
func place(r *rand.Rand, text []byte) int {
	filled := r.IntN(2) == 0
	for {
		if at := r.IntN(len(text)); !filled || text[at] != 0 {
			return at
		}
	}
}

func flip(t *testing.T, path string, at, bit int) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	one := make([]byte, 1)
	if _, err := file.ReadAt(one, int64(at)); err != nil {
		t.Fatal(err)
	}
	one[0] ^= 1 << bit
	if _, err := file.WriteAt(one, int64(at)); err != nil {
		t.Fatal(err)
	}
}

var sentence = regexp.MustCompile(`(warehouse\.duckdb|journal)[^\n]*: .+\n +fix: `)

// checkTold wants a sentence that names the file and says what to do, and no crash.
func checkTold(t *testing.T, out []byte) {
	t.Helper()
	for _, crash := range []string{"panic:", "goroutine ", "SIGSEGV", "SIGABRT", "terminate called"} {
		if strings.Contains(string(out), crash) {
			t.Errorf("the program crashed:\n%s", firstLines(out, 12))
			return
		}
	}
	if !sentence.Match(out) {
		t.Errorf("this does not say what is wrong and what to do:\n%s", firstLines(out, 12))
	}
}
