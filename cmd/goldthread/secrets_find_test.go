package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// formsOf are the ways in which a secret may be written, by name, in small letters: what is searched is made small too. Of
// base64 there are three, by where the secret begins in what was packed.
func formsOf(secret string) map[string]string {
	quoted, _ := json.Marshal(secret) // a text cannot fail
	query := url.QueryEscape(secret)
	forms := map[string]string{
		"itself": secret, "a query": query, "a query with %20": strings.ReplaceAll(query, "+", "%20"), "a path": url.PathEscape(secret),
		"JSON": string(quoted[1 : len(quoted)-1]), "a quoted text": strings.Trim(strconv.Quote(secret), `"`),
		"hex": hex.EncodeToString([]byte(secret)),
	}
	for before := range 3 {
		packed := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), secret...))
		whole := len(packed)
		if (before+len(secret))%3 != 0 { // the last digit depends on what follows
			whole--
		}
		form := packed[(before*8+5)/6 : whole]
		forms[fmt.Sprintf("base64 from %d", before)] = form
		forms[fmt.Sprintf("base64 of addresses from %d", before)] = strings.NewReplacer("+", "-", "/", "_").Replace(form)
	}
	for name, form := range forms {
		forms[name] = strings.ToLower(form)
	}
	return forms
}

// leaks says where secrets stand, in texts by their place.
func leaks(secrets map[string]string, places map[string][]byte) (found []string) {
	for of, secret := range secrets {
		for name, form := range formsOf(secret) {
			for place, text := range places {
				if bytes.Contains(text, []byte(form)) {
					found = append(found, fmt.Sprintf("the secret of %s stands in %s as %s", of, place, name))
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// placesUnder are all files under a folder with their names, in small letters, and the tables of those that are databases,
// whose files are packed. Folders of some names are passed over.
func placesUnder(t *testing.T, folder string, but ...string) map[string][]byte {
	t.Helper()
	places := map[string][]byte{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains(but, entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		places[name] = bytes.ToLower(append([]byte(name+"\n"), text...))
		if filepath.Ext(path) == ".duckdb" {
			places["the tables of "+name] = tablesOf(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return places
}

// tablesOf is every table of a database as text, in small letters.
func tablesOf(t *testing.T, path string) []byte {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Settings{Path: path, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var all bytes.Buffer
	const tables = `select concat('"', table_schema, '"."', table_name, '"') from information_schema.tables where table_type = 'BASE TABLE'`
	for _, table := range columnOf(t, db, tables) {
		all.WriteString(strings.Join(columnOf(t, db, "select cast(to_json(rows) as varchar) from "+table+" as rows"), "\n"))
		all.WriteString(strings.Join(columnOf(t, db, "select cast(rows as varchar) from "+table+" as rows"), "\n"))
	}
	return bytes.ToLower(all.Bytes())
}

func columnOf(t *testing.T, db *sql.DB, query string) (texts []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var text sql.NullString
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return texts
}

// TestTheSearchForSecretsFindsEachForm plants a leak of each form, in a file, in the name of one and in a table, and wants
// each found and nothing else: a test of the test of secrets.
func TestTheSearchForSecretsFindsEachForm(t *testing.T) {
	const leaked, kept = `Canary+leak/"quoted" &é%0`, "Canary-of-nobody"
	quoted, err := json.Marshal(leaked)
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]string{
		"itself": leaked, "capitals": strings.ToUpper(leaked), "a query": url.QueryEscape(leaked), "a path": url.PathEscape(leaked),
		"small escapes": strings.ToLower(url.QueryEscape(leaked)), "JSON": string(quoted), "a quoted text": strconv.Quote(leaked),
		"hex": hex.EncodeToString([]byte(leaked)), "capital hex": strings.ToUpper(hex.EncodeToString([]byte(leaked))),
		"base64": base64.StdEncoding.EncodeToString([]byte(leaked)), "base64 of two": base64.StdEncoding.EncodeToString([]byte("me:" + leaked)),
		"base64 of four": base64.URLEncoding.EncodeToString([]byte("user:" + leaked + "@host")), "base64 within": base64.StdEncoding.EncodeToString([]byte("a:" + leaked + "!")),
	}
	folder := t.TempDir()
	for name, text := range written {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("before"+text+"after"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "x"+hex.EncodeToString([]byte(leaked))), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	leakIntoTable(t, filepath.Join(folder, "warehouse.duckdb"), leaked)
	found := strings.Join(leaks(map[string]string{"LEAKED": leaked, "KEPT": kept}, placesUnder(t, folder)), "\n")
	for name := range written {
		if !strings.Contains(found, "the secret of LEAKED stands in "+name+" as") {
			t.Errorf("it is not found as %s", name)
		}
	}
	for _, place := range []string{"stands in x", "stands in the tables of warehouse.duckdb"} {
		if !strings.Contains(found, place) {
			t.Errorf("nothing %s", place)
		}
	}
	if strings.Contains(found, "KEPT") {
		t.Errorf("found what is not there:\n%s", found)
	}
}

func leakIntoTable(t *testing.T, path, text string) {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Settings{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(context.WithoutCancel(t.Context()), "create table leaky as select $1 || repeat(' ', 100) as words from range(5000)", text)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}
