package examples

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// A Starter is the folder that a new council begins with: a plan, a quarterly return with sample figures, three measures,
// their targets, and the reference files.
type Starter struct {
	// PeerGroup is the group of councils that the measures compare with; empty where we know of none.
	PeerGroup string
	// Peers are the codes of its members.
	Peers []string

	files map[string][]byte
}

// NewStarter fills in the starter folder for a council of the list, under the name that its reports write.
func NewStarter(council Authority, name string) (*Starter, error) {
	peers, err := peersOf(council)
	if err != nil {
		return nil, err
	}
	s := &Starter{}
	for _, row := range peers.rows {
		s.PeerGroup = peers.get(row, "group")
		s.Peers = append(s.Peers, peers.get(row, "peer_code"))
	}
	if s.files, err = readAll("starter"); err != nil {
		return nil, err
	}
	known := s.words(council, name)
	for file, content := range s.files {
		s.files[file] = fill(content, known)
		if len(s.Peers) == 0 && path.Base(file) == "peers.csv" {
			delete(s.files, file)
		}
	}
	return s, s.addReference(peers)
}

// Add puts a file into the folder that Write writes.
func (s *Starter) Add(name string, text []byte) { s.files[name] = text }

// Write writes the folder to dir, which must be empty or not there yet.
func (s *Starter) Write(dir string) error { return writeAll(dir, s.files) }

// words are what stands for the placeholders of the starter's files.
func (s *Starter) words(council Authority, name string) map[string]string {
	known := map[string]string{"name": name, "quoted name": strconv.Quote(name), "organisation": council.Code}
	if s.PeerGroup != "" {
		known["peer group"] = s.PeerGroup
	}
	for i, code := range s.Peers {
		known[fmt.Sprintf("peer %d", i+1)] = code
	}
	return known
}

var placeholder = regexp.MustCompile(`\{\{[a-z0-9 ]+\}\}`)

// fill puts what is known in the place of words in double braces. A line with a word for which there is nothing is left
// out: the measures of a council without peers name no group, and a group of five has no figures of a sixth member.
func fill(text []byte, known map[string]string) []byte {
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		lacking := false
		line = placeholder.ReplaceAllStringFunc(line, func(word string) string {
			put, found := known[strings.Trim(word, "{}")]
			lacking = lacking || !found
			return put
		})
		if !lacking {
			b.WriteString(line)
		}
	}
	return []byte(b.String())
}

// addReference adds the reference files: the list of authorities as it is, the nations and the regions of England, in which
// of these and in which county an authority lies, and the council's own peers.
func (s *Starter) addReference(peers table) error {
	authorities, err := Authorities()
	if err != nil {
		return err
	}
	areas, err := readTable("trafford/reference/areas.csv")
	if err != nil {
		return err
	}
	lookup, err := readTable("trafford/reference/area_lookup.csv")
	if err != nil {
		return err
	}
	kept := map[string]bool{}
	for _, a := range authorities {
		kept[a.Code] = true
	}
	areas.keep(func(row []string) bool {
		kind := areas.get(row, "area_type")
		kept[areas.get(row, "area_code")] = kind == "country" || kind == "region"
		return kind == "country" || kind == "region"
	})
	lookup.keep(func(row []string) bool { return kept[lookup.get(row, "area_code")] })
	if s.files["reference/authorities.csv"], err = fs.ReadFile(folders, "trafford/reference/authorities.csv"); err != nil {
		return err
	}
	for file, t := range map[string]table{"areas": areas, "area_lookup": lookup, "peer_groups": peers} {
		if s.files["reference/"+file+".csv"], err = t.text(); err != nil {
			return err
		}
	}
	return nil
}
