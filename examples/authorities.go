package examples

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// An Authority is a council or combined authority of the United Kingdom, past or present.
type Authority struct {
	Code         string // GSS code
	Name         string // in everyday use
	OfficialName string
	Tier         string   // single, upper, lower or combined
	EndDate      string   // first day on which it was no more; empty while it is
	Successors   []string // their codes
}

// Authorities gives the list that every new folder begins with, in the order of its codes.
func Authorities() ([]Authority, error) {
	t, err := readTable("trafford/reference/authorities.csv")
	if err != nil {
		return nil, err
	}
	var all []Authority
	for _, row := range t.rows {
		all = append(all, Authority{
			Code: t.get(row, "organisation_code"), Name: t.get(row, "name"), OfficialName: t.get(row, "official_name"),
			Tier: t.get(row, "tier"), EndDate: t.get(row, "end_date"), Successors: strings.Fields(t.get(row, "replaced_by")),
		})
	}
	return all, nil
}

// SuccessorsOf gives the authorities that stand today in the place of one that is no more. Taunton Deane's successor, for
// one, has had a successor of its own.
func SuccessorsOf(ended Authority) ([]Authority, error) {
	all, err := Authorities()
	if err != nil {
		return nil, err
	}
	var now []Authority
	for next := ended.Successors; len(next) > 0; next = next[1:] {
		i := slices.IndexFunc(all, func(a Authority) bool { return a.Code == next[0] })
		switch {
		case i < 0:
			return nil, fmt.Errorf("authorities.csv: %s is succeeded by %s, which is not in the list", ended.Code, next[0])
		case all[i].EndDate != "":
			next = append(slices.Clone(next), all[i].Successors...)
		default:
			now = append(now, all[i])
		}
	}
	return now, nil
}

// A table is a CSV file of ours.
type table struct {
	header []string
	rows   [][]string
}

func readTable(name string) (table, error) {
	text, err := fs.ReadFile(folders, name)
	if err != nil {
		return table{}, err
	}
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return table{}, fmt.Errorf("reading %s: %w", name, err)
	}
	return table{header: records[0], rows: records[1:]}, nil
}

// get gives the field of a row in a column, which the file must have.
func (t table) get(row []string, column string) string { return row[slices.Index(t.header, column)] }

// keep leaves out the rows that wanted says no to.
func (t *table) keep(wanted func(row []string) bool) {
	t.rows = slices.DeleteFunc(t.rows, func(row []string) bool { return !wanted(row) })
}

// text gives the table as the file that it is.
func (t table) text() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	err := w.WriteAll(append([][]string{t.header}, t.rows...))
	return b.Bytes(), err
}
