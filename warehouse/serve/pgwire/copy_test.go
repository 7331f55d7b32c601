package pgwire

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

func TestCopyWritesTextAndCSV(t *testing.T) {
	s := serve(t, nil)
	for statement, want := range map[string]string{
		`copy (select 1, null, e'a\tb\\c', [1, 2]) to stdout`:                           "1\t\\N\ta\\tb\\\\c\t{1,2}\n",
		"copy marts.scorecard (rank, mark) to stdout":                                   "1\tfirst\n2\tfirst\n3\tfirst\n",
		"copy (select 1 as a, 'x|y' as b) to stdout with (delimiter '|', null '-')":     "1|x\\|y\n",
		"copy (select 'a,b' as n, null as o, '' as p, 'q\"' as q) to stdout csv header": "n,o,p,q\n\"a,b\",,\"\",\"q\"\"\"\n",
		"copy (select 1 as a) to stdout with (format csv, header false)":                "1\n",
	} {
		if got := s.psql("-c", statement); got != want {
			t.Errorf("%s\n%q, wanted\n%q", statement, got, want)
		}
	}
}

// TestCopyWritesBinary compares with what PostgreSQL 15 writes for the same rows.
func TestCopyWritesBinary(t *testing.T) {
	var got bytes.Buffer
	conn := serve(t, nil).connect("")
	if _, err := conn.PgConn().CopyTo(t.Context(), &got, "copy (select 7::integer, null, 'a', 1.50::decimal(4, 2)) to stdout (format binary)"); err != nil {
		t.Fatal(err)
	}
	want := "5047434f50590aff0d0a00" + "0000000000000000" + "0004" + "0000000400000007" + "ffffffff" + "0000000161" + "0000000c" + "0002000000000002" + "00011388" + "ffff"
	if hex.EncodeToString(got.Bytes()) != want {
		t.Errorf("%x\nwanted\n%s", got.Bytes(), want)
	}
}

// TestABinaryCopyOpensWithItsFirstRow: Rust's drivers read the opening and the first row from one message.
func TestABinaryCopyOpensWithItsFirstRow(t *testing.T) {
	s := serve(t, nil)
	for statement, want := range map[string]string{
		"copy (select 1 from range(2)) to stdout (format binary)": "CopyOutResponse CopyData CopyData CopyData CopyDone CommandComplete ReadyForQuery",
		"copy (select 1 limit 0) to stdout (format binary)":       "CopyOutResponse CopyData CopyDone CommandComplete ReadyForQuery",
	} {
		front := s.front()
		front.Send(&pgproto3.Query{String: statement})
		if got := receive(t, front, 1); got != want {
			t.Errorf("%s: %s", statement, got)
		}
	}
}

func TestCopyRefusesWhatItHasNot(t *testing.T) {
	conn := serve(t, nil).connect("")
	for statement, want := range map[string]string{
		"copy (select 1) to stdout (format xml)": "22023", "copy (select 1) to stdout (delimiter '||')": "22023",
		"copy (select 1) to stdout (force_quote *)": codeNotSupported, "copy (select 1) to stdout (format binary, header)": codeSyntax,
		"copy (select $1) to stdout": "42P02", "copy (show timezone) to stdout": codeSyntax,
	} {
		if _, err := conn.PgConn().Exec(t.Context(), statement).ReadAll(); state(err) != want {
			t.Errorf("%s: %v", statement, err)
		}
	}
}
