package csvdrop

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goldthread/goldthread/connectors"
)

func TestReadSaysWhatIsWrongWithAFileAndGoesOn(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "refused drops/a.csv: the file is empty (0 bytes); ask its sender for it again\n"},
		{"header only", "area,tonnes\n", "landed drops/a.csv (the file holds column names and no row)\nload\n"},
		{"column missing", "area,weight\nHale,2\n",
			`refused drops/a.csv: line 1 lacks "tonnes"; the contract has "area", "tonnes"; the file has "area", "weight"` + "\n"},
		{"column new", "area,tonnes,note\nHale,2,x\n",
			`refused drops/a.csv: line 1 has columns that the contract does not name: "note"; the contract has "area", "tonnes"; ` +
				"name them there, or set on_new_column to add or ignore\n"},
		{"column twice", "area,tonnes,Tonnes\nHale,2,3\n",
			`refused drops/a.csv: line 1 names the column "Tonnes" twice; the file has "area", "tonnes", "Tonnes"` + "\n"},
		{"no header", "Hale,2\nSale,3\n",
			`refused drops/a.csv: line 1 holds none of the contract's column names ("area", "tonnes"); they may be missing, ` +
				`on another line (header_row), or parted by another sign than "," (delimiter)` + "\n"},
		{"header damaged", "area,ton\"nes\nHale,2\n",
			"refused drops/a.csv: the column names in line 1 cannot be read: a quote stands within a field that does not begin with one\n"},
		{"utf-16", "\xFF\xFEa\x00", "refused drops/a.csv: the contract says utf-8 and the file is UTF-16; save it as UTF-8, or set encoding to utf-16\n"},
		{"too much set aside", "area,tonnes\nHale,2\nSale,a\nTimperley,b\nStretford,c\nUrmston,d\n",
			"refused drops/a.csv: 4 of 5 rows cannot be read, and the contract bears 3 (max_quarantined 0.01); " +
				"the first is line 3: column \"tonnes\": not a number, expected decimal(18,2)\n"},
		{"all set aside", "area,tonnes\nHale,a\n",
			"refused drops/a.csv: 1 of 1 rows cannot be read, and the contract bears 0 (max_quarantined 0.01); " +
				"the first is line 2: column \"tonnes\": not a number, expected decimal(18,2)\n"},
		{"a handful set aside", "area,tonnes\nHale,2\nTotal\n,5\n,\n\n",
			"landed drops/a.csv\n  Hale 2 ok 2\n  set aside line 3 \"Total\": the record has 1 fields and the header 2\n" +
				"  set aside line 4 \"\": column \"area\": empty, and the contract requires a value\n  blank 2\nload\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFolder(t)
			f.write("a.csv", test.text)
			f.write("b.csv", "area,tonnes\nBowdon,7\n")
			told, _ := f.read(nil)
			expect(t, told, test.want+"landed drops/b.csv\n  Bowdon 7 ok 2\nload\n")
		})
	}
}

func TestReadSaysThatTheFolderIsMissing(t *testing.T) {
	f := newFolder(t)
	f.remove("")
	told, _ := f.read(nil)
	expect(t, told, "failed drops: the folder drops is not there; make it, or correct \"folder\" in the source's file\n")
}

func TestReadTellsAFolderWithoutFilesBeforeAndAfterTheFirstLoad(t *testing.T) {
	f := newFolder(t)
	told, _ := f.read(nil)
	expect(t, told, "failed drops/**/*.csv: no file in drops fits \"**/*.csv\"; leave one there, or correct \"files\" in the source's file\n")
	f.write("a.csv", "area,tonnes\nHale,2\n")
	_, cursor := f.read(nil)
	f.remove("a.csv")
	told, _ = f.read(cursor)
	expect(t, told, "unchanged drops/**/*.csv (no file in drops fits \"**/*.csv\" now; what was read before is kept)\n")
}

// growing is a file system in which somebody adds to one file while it is read.
type growing struct {
	fs.FS
	name, path string
}

func (g growing) Open(name string) (fs.File, error) {
	file, err := g.FS.Open(name)
	if err != nil || name != g.name {
		return file, err
	}
	return &growingFile{File: file, path: g.path}, nil
}

type growingFile struct {
	fs.File
	path  string
	grown bool
}

func (g *growingFile) Read(p []byte) (int, error) {
	if !g.grown {
		g.grown = true
		if err := appendTo(g.path, "Sale,3\n"); err != nil {
			return 0, err
		}
	}
	return g.File.Read(p)
}

func appendTo(path, text string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.WriteString(text)
	return err
}

func TestReadLeavesAFileThatIsStillBeingWritten(t *testing.T) {
	f := newFolder(t)
	f.write("a.csv", "area,tonnes\nHale,2\n")
	f.write("b.csv", "area,tonnes\nBowdon,7\n")
	still := f.source.files
	f.source.files = growing{still, "a.csv", filepath.Join(f.root, "drops", "a.csv")}
	told, cursor := f.read(nil)
	expect(t, told, "failed drops/a.csv: the file changed while it was being read, so it may still be being copied here; "+
		"the next run reads it again\nlanded drops/b.csv\n  Bowdon 7 ok 2\nload\n")

	f.source.files = still
	told, _ = f.read(cursor)
	expect(t, told, "same_hash drops/b.csv\nlanded drops/a.csv\n  Hale 2 ok 2\n  Sale 3 ok 3\nload\n")
}

func TestReadTakesBackWhatItYieldedOfAFileThatIsRefused(t *testing.T) {
	f := newFolder(t)
	var text strings.Builder
	text.WriteString("area,tonnes\n")
	for range batchRows {
		text.WriteString("Hale,2\n")
	}
	f.write("a.csv", text.String()+strings.Repeat("Sale,x\n", batchRows))
	f.write("b.csv", "area,tonnes\nBowdon,7\n")
	told, cursor := f.read(nil)
	for _, row := range []string{"  Hale 2 ok ", "  set aside line "} {
		told = without(told, row)
	}
	expect(t, told, "landed drops/a.csv\nrefused drops/a.csv: 16384 of 32768 rows cannot be read, and the contract bears 327 (max_quarantined 0.01); "+
		"the first is line 16386: column \"tonnes\": not a number, expected decimal(18,2)\ndiscard\nlanded drops/b.csv\n  Bowdon 7 ok 2\nload\n")
	if strings.Contains(string(cursor), "a.csv") {
		t.Errorf("the cursor holds the refused file: %s", cursor)
	}
}

// without drops the lines that begin with prefix.
func without(text, prefix string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, prefix) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// unreadable is a file system of which one file cannot be opened.
type unreadable struct {
	fs.FS
	name string
}

func (u unreadable) Open(name string) (fs.File, error) {
	if name == u.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("permission denied")}
	}
	return u.FS.Open(name)
}

func TestReadSaysThatAFileCannotBeOpened(t *testing.T) {
	f := newFolder(t)
	f.write("a.csv", "area,tonnes\nHale,2\n")
	f.write("b.csv", "area,tonnes\nBowdon,7\n")
	f.source.files = unreadable{f.source.files, "a.csv"}
	told, _ := f.read(nil)
	expect(t, told, "failed drops/a.csv: the file cannot be read: permission denied\nlanded drops/b.csv\n  Bowdon 7 ok 2\nload\n")

	f.drop.dataset.Mode = connectors.Snapshot
	told, _ = f.read(nil)
	expect(t, told, "failed drops/a.csv: the file cannot be read: permission denied\n"+
		"failed drops/b.csv: not read, as a snapshot is read whole and drops/a.csv could not be\n")
}

func TestReadFindsTheColumnNamesWhereTheContractSays(t *testing.T) {
	f := newFolder(t)
	f.drop.format.HeaderRow, f.drop.format.SkipRows = 3, 1
	f.write("a.csv", "Tonnes by area\n\"printed 1 May\n\ufeffarea, tonnes \n(name),(t)\nHale,2\n")
	f.write("b.csv", "area,tonnes\nHale,2\n")
	f.drop.dataset.Columns[0].Headers = []string{"Area", "\ufeffarea"}
	told, _ := f.read(nil)
	expect(t, told, "landed drops/a.csv\n  Hale 2 ok 5\nload\n"+
		"refused drops/b.csv: the file ends before line 3, where the contract says the column names are (header_row)\n")
}

func TestReadSaysThatUTF16NeedsItsMark(t *testing.T) {
	f := newFolder(t)
	f.drop.format.Encoding = "utf-16"
	f.write("a.csv", "a\x00r\x00")
	f.write("b.csv", "\xFF\xFEa\x00r\x00e\x00a\x00,\x00t\x00o\x00n\x00n\x00e\x00s\x00\n\x00\xA3\x00,\x002\x00")
	told, _ := f.read(nil)
	expect(t, told, "refused drops/a.csv: the contract says utf-16 and the file does not begin with a byte order mark; "+
		"set encoding to utf-16le or utf-16be\nlanded drops/b.csv\n  £ 2 ok 2\nload\n")
}

func TestReadKeepsWhatIsNoTextAsItCanBeShown(t *testing.T) {
	f := newFolder(t)
	f.write("a.csv", "area,tonnes\nHale,2\nCaf\xE9 £,3\nSale\x00,4\n")
	told, _ := f.read(nil)
	expect(t, told, "landed drops/a.csv\n  Hale 2 ok 2\n"+
		`  set aside line 3 "Caf\\xE9 £,3": the record is not valid UTF-8; the file may be in another encoding, such as windows-1252`+"\n"+
		`  set aside line 4 "Sale\\x00,4": the record holds a NUL character (byte 0), which no text may`+"\nload\n")
}

func TestReadSaysThatAFileNameIsNoText(t *testing.T) {
	f := newFolder(t)
	f.source.files = fstest.MapFS{"caf\xE9.csv": {Data: []byte("area,tonnes\nHale,2\n")}}
	told, _ := f.read(nil)
	expect(t, told, "refused drops/caf\uFFFD.csv: the file's name holds bytes that are no text in UTF-8; rename it\n")
}
