package transforms

import (
	"fmt"
	"strings"
)

// A Comment is a description of a table, view or column as it stands in the database.
type Comment struct {
	Table  string // schema.table
	Kind   Kind   // view, or table for all else
	Column string // empty for the table itself
	Text   string
}

// SQL is the statement that writes the comment.
func (c Comment) SQL() string {
	if c.Column != "" {
		return fmt.Sprintf("comment on column %s.%s is %s", quoteName(c.Table), quoteName(c.Column), quoteText(c.Text))
	}
	return fmt.Sprintf("comment on %s %s is %s", c.Kind, quoteName(c.Table), quoteText(c.Text))
}

// Comments are the descriptions of models and their columns, so that a copy of the tables can be described again.
func Comments(models []*Model) []Comment {
	var all []Comment
	for _, m := range models {
		kind := Table
		if m.Kind == View {
			kind = View
		}
		all = append(all, Comment{Table: m.Name, Kind: kind, Text: flowing(m.Description)})
		for _, column := range m.Columns {
			all = append(all, Comment{Table: m.Name, Kind: kind, Column: column.Name, Text: column.Description})
		}
	}
	return all
}

// flowing takes out the ends of lines that a header has only because a file's lines are short, and keeps its paragraphs: what
// people read a description in breaks lines by itself.
func flowing(text string) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, paragraph := range paragraphs {
		paragraphs[i] = strings.Join(strings.Fields(paragraph), " ")
	}
	return strings.Join(paragraphs, "\n\n")
}

// commentStatements is the SQL that describes a model. The columns of the hundreds of tables that a union joins are described
// in the union alone: the engine takes as long over the words of a small table as over its rows.
func commentStatements(m *Model) string {
	var b strings.Builder
	for _, comment := range Comments([]*Model{m}) {
		if comment.Column == "" || m.pieceOf == "" {
			b.WriteString(comment.SQL() + ";\n")
		}
	}
	return b.String()
}

// A Link of the lineage: a model and a relation it reads.
type Link struct{ Model, Reads string }

// Lineage is what each model reads, in the order of building.
func (s *Set) Lineage() []Link {
	var all []Link
	for _, m := range s.Models {
		for _, name := range m.Reads() {
			all = append(all, Link{m.Name, name})
		}
	}
	return all
}
