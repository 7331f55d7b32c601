package connectors

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"

	yaml "github.com/goccy/go-yaml"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// Deps is what a kind is handed to open a source with.
type Deps struct {
	// Root is the council's folder; relative paths of settings start from it.
	Root string
	// Archive keeps raw inputs.
	Archive *Archive
	// Zone is the council's time zone: moments without an offset are local time in it.
	Zone *time.Location
	// Getenv looks up a variable of the environment, for secrets alone; nil where there is none.
	Getenv func(name string) string
}

// A Config is the settings of one source, and the plug of its kind: the file is decoded over what the kind's Default
// gives, Validate names all that is wrong with it, and Open gives the source without yet touching what it reads.
type Config interface {
	Validate(at *strictyaml.Positions) error
	Open(deps Deps) (Source, error)
}

// Kinds is every kind of source of a build, by the name a file uses: each gives settings with the defaults filled in.
type Kinds map[string]func() Config

// A File is one file of the folder sources/.
type File struct {
	Path   string // within the council's folder
	Source string
	Kind   string
	Config Config
}

// sourceFolder is where a council's folder keeps its sources.
const sourceFolder = "sources"

// ReadFolder decodes all sources of a council's folder, and gives every fault of all of them at once.
func (k Kinds) ReadFolder(root fs.FS) ([]File, error) {
	paths, err := fs.Glob(root, sourceFolder+"/*.yaml")
	if err != nil {
		return nil, err
	}
	var files []File
	var faults []error
	at := map[string]string{}
	for _, p := range paths {
		text, err := fs.ReadFile(root, p)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		file, err := k.Decode(p, text)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if first, taken := at[file.Source]; taken {
			faults = append(faults, &fault.Error{Where: p + ":1", What: fmt.Sprintf("the source %q is already in %s", file.Source, first), Fix: "give one of them another name"})
		}
		at[file.Source] = p
		files = append(files, file)
	}
	return files, fault.Join(faults...)
}

// Decode reads one source file and validates it.
func (k Kinds) Decode(name string, text []byte) (File, error) {
	var head struct {
		Source string `yaml:"source"`
		Kind   string `yaml:"kind"`
	}
	// Only the kind is wanted here, to know whose settings these are; what is wrong with the text the strict decoding tells.
	_ = yaml.Unmarshal(text, &head)
	begin, known := k[head.Kind]
	if !known {
		return File{}, k.unknown(name, text, head.Kind)
	}
	config := begin()
	at, err := strictyaml.Decode(name, text, config)
	faults := slices.Concat(fault.List(err), fault.List(config.Validate(at)))
	err = fault.Join(append(faults, sourceName(head.Source, at))...)
	return File{Path: path.Clean(name), Source: head.Source, Kind: head.Kind, Config: config}, err
}

// unknown is the fault of a file that names no kind we have.
func (k Kinds) unknown(name string, text []byte, kind string) error {
	kinds := slices.Sorted(maps.Keys(k))
	var any strictyaml.Map[struct{}]
	at, err := strictyaml.Decode(name, text, &any)
	if len(any) == 0 && err != nil {
		return err
	}
	if kind == "" {
		return &fault.Error{Where: at.Where(""), What: "the file names no kind of source", Fix: "add kind: one of " + list(kinds)}
	}
	return &fault.Error{Where: at.Where("kind"), What: fmt.Sprintf("unknown kind of source %q", kind), Fix: fault.DidYouMean(kind, "kinds", kinds)}
}

func sourceName(name string, at *strictyaml.Positions) error {
	if identifier.MatchString(name) {
		return nil
	}
	return &fault.Error{
		Where: at.Where("source"), What: fmt.Sprintf("the source's name is %q", name),
		Fix: "use lower case letters, digits and _, such as waste_contract",
	}
}
