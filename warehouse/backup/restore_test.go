package backup

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// TestEveryDamageOfABackupIsTold flips a bit of each file, cuts it short and takes it away, and wants the file named, by
// Verify and by Restore, and nothing restored.
func TestEveryDamageOfABackupIsTold(t *testing.T) {
	p := council(t)
	made := mustMake(t, p)
	random := rand.New(rand.NewPCG(1, 2))
	for name := range contents(t, made.Folder) {
		path := filepath.Join(made.Folder, filepath.FromSlash(name))
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) == 0 { // the journal of a warehouse without a load
			continue
		}
		flipped := bytes.Clone(text)
		flipped[random.IntN(len(text))] ^= 1 << random.IntN(8)
		for damage, do := range map[string]func() error{
			"flipped": func() error { return os.WriteFile(path, flipped, 0o644) },
			"cut":     func() error { return os.WriteFile(path, text[:len(text)-1], 0o644) },
			"longer":  func() error { return os.WriteFile(path, append(bytes.Clone(text), 0), 0o644) },
			"missing": func() error { return os.Remove(path) },
		} {
			t.Run(damage+" "+name, func(t *testing.T) {
				if err := do(); err != nil {
					t.Fatal(err)
				}
				checkToldAndNothingRestored(t, made.Folder, filepath.Base(path))
				if err := os.WriteFile(path, text, 0o644); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
	if _, err := Verify(t.Context(), made.Folder); err != nil {
		t.Errorf("when all is put right: %v", err)
	}
}

func checkToldAndNothingRestored(t *testing.T, backup, file string) {
	t.Helper()
	before := contents(t, backup)
	if file == sumName {
		file = manifestName // which is what does not fit
	}
	_, err := Verify(t.Context(), backup)
	wantFault(t, err, file, "fix: ")
	parent := t.TempDir()
	_, err = Restore(t.Context(), backup, filepath.Join(parent, "council"))
	wantFault(t, err, file, "fix: ")
	if left := namesIn(t, parent); len(left) > 0 {
		t.Errorf("restored is %v", left)
	}
	if !reflect.DeepEqual(contents(t, backup), before) {
		t.Error("the backup was written to")
	}
}

func TestRestoreRefusesAFolderThatIsNotEmpty(t *testing.T) {
	p := council(t)
	mustMake(t, p)
	to := t.TempDir()
	write(t, filepath.Join(to, "mine"), "x")
	_, err := Restore(t.Context(), p.To, to)
	wantFault(t, err, "this folder is not empty")
	if got := namesIn(t, to); len(got) != 1 {
		t.Errorf("it holds %v", got)
	}
	if _, err := Restore(t.Context(), p.To, t.TempDir()); err != nil {
		t.Errorf("into an empty folder: %v", err)
	}
	_, err = Restore(t.Context(), t.TempDir(), filepath.Join(to, "new"))
	wantFault(t, err, "there is no backup here")
}

func TestABackupOfANewerProgramIsRefused(t *testing.T) {
	folder := t.TempDir()
	text := []byte(`{"format": 2, "files": {"as": "it likes"}}`)
	write(t, filepath.Join(folder, manifestName), string(text))
	write(t, filepath.Join(folder, sumName), sumLine(text))
	write(t, filepath.Join(folder, filesFolder, "goldthread.yaml"), "")
	_, err := Verify(t.Context(), folder)
	wantFault(t, err, "a newer goldthread made this backup", "fix: restore it with the newer program")
}

func TestAManifestThatCouldDoHarmIsRefused(t *testing.T) {
	sum := archived
	for name, files := range map[string][]File{
		"leads out":         {{"../x", 1, sum}},
		"leads out within":  {{"a/../../x", 1, sum}},
		"absolute":          {{"/etc/passwd", 1, sum}},
		"ends early":        {{"a\x00b", 1, sum}},
		"twice":             {{"a", 1, sum}, {"a", 1, sum}},
		"less than nothing": {{"a", -1, sum}},
		"no hash":           {{"a", 1, "abc"}},
		"none":              {},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(Manifest{Format: format, State: ".goldthread", Files: files})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ParseManifest(text); err == nil {
				t.Error("it was taken")
			}
		})
	}
}

// FuzzManifest wants every manifest that is taken to be one that a restore can follow, and to say the same when written again.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"format":1,"state":".goldthread","files":[{"path":"goldthread.yaml","size_bytes":1,"sha256":"` + archived + `"}]}`))
	f.Add([]byte(`{"format":1,"state":"..","files":[{"path":"a/../b","size_bytes":-1,"sha256":""}]}`))
	f.Add([]byte(`{"format":2}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseManifest(text)
		if err != nil {
			return
		}
		root := filepath.FromSlash("/council")
		for _, file := range m.Files {
			within, err := filepath.Rel(root, filepath.Join(root, filepath.FromSlash(file.Path)))
			if err != nil || within == "." || !filepath.IsLocal(within) {
				t.Errorf("%q leads to %q: %v", file.Path, within, err)
			}
		}
		again, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := ParseManifest(again); err != nil || !reflect.DeepEqual(same, m) {
			t.Errorf("%+v became %+v: %v", m, same, err)
		}
	})
}
