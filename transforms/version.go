package transforms

import (
	"cmp"
	"slices"
	"strings"
)

// A part is one thing that decides what rows a model gives, with a hash that tells its present state from another.
type part struct {
	Kind partKind
	Name string // of the macro or relation
	Hash string
}

type partKind string

const (
	ofSQL   partKind = "sql"
	ofMacro partKind = "macro"
	ofInput partKind = "reads"
)

// version writes out all that decides what rows the model gives: its SQL, the macros it uses and the contents of what it
// reads. It is kept part by part, so that of two versions what differs can be named.
func (m *Model) version(macros map[string]*Macro, contents func(relation string) (string, error)) (string, error) {
	parts := []part{{Kind: ofSQL, Hash: hashOf(string(m.Kind), m.PartitionBy, m.text)}}
	for _, name := range m.macros {
		parts = append(parts, part{ofMacro, name, hashOf(macros[name].text)})
	}
	for _, name := range m.Reads() {
		if m.unversioned[name] {
			continue
		}
		content, err := contents(name)
		if err != nil {
			return "", err
		}
		parts = append(parts, part{ofInput, name, hashOf(content)})
	}
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(strings.TrimSpace(string(p.Kind)+" "+p.Hash+" "+p.Name) + "\n")
	}
	return b.String(), nil
}

// partsOf reads a version; it gives none where another program wrote it.
func partsOf(version string) []part {
	var parts []part
	for line := range strings.Lines(version) {
		kind, rest, more := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !more {
			return nil
		}
		hash, name, _ := strings.Cut(rest, " ")
		parts = append(parts, part{partKind(kind), name, hash})
	}
	return parts
}

// sameSQL says whether two versions are of the same SQL.
func sameSQL(before, now string) bool {
	for _, p := range differing(before, now) {
		if p.Kind == ofSQL {
			return false
		}
	}
	return before != ""
}

// differing are the parts of now that before has otherwise or not at all, and those that only before has.
func differing(before, now string) []part {
	held := map[part]bool{}
	for _, p := range partsOf(before) {
		held[p] = true
	}
	var differ []part
	named := map[part]bool{}
	for _, p := range partsOf(now) {
		named[part{p.Kind, p.Name, ""}] = true
		if !held[p] {
			differ = append(differ, p)
		}
	}
	for p := range held {
		if !named[part{p.Kind, p.Name, ""}] {
			differ = append(differ, p)
		}
	}
	slices.SortFunc(differ, func(a, b part) int { return cmp.Or(-cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
	return differ
}
