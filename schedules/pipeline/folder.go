// Package pipeline is the one run that a person or a schedule starts: extract, land, build, check, release. It joins the
// connectors, the models and the warehouse, which know nothing of each other.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/handbook"
	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/cycles"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/measures"
	"github.com/goldthread/goldthread/transforms"
)

// A Folder is a council's folder, read and found to be without fault.
type Folder struct {
	Root     string
	Settings council.Settings
	Models   *transforms.Set
	Handbook *measures.Handbook
	Cycles   []cycles.Cycle
	// Warnings are what is odd and not wrong.
	Warnings []error

	files    []connectors.File
	own      []*handbook.Source // the folder itself
	sources  []namedSource
	datasets []connectors.Dataset
	getenv   func(string) string
}

// A namedSource is a source under the name by which a run selects it.
type namedSource struct {
	name    string
	source  connectors.Source
	program bool // the folder itself, which every run reads
}

// Open reads everything a council wrote into its folder, and gives all that is wrong with it at once. It reads no source.
func Open(ctx context.Context, root string, kinds connectors.Kinds) (*Folder, error) {
	return OpenWith(ctx, root, kinds, nil)
}

// OpenWith is Open for sources that look up their secrets in an environment when they are read.
func OpenWith(ctx context.Context, root string, kinds connectors.Kinds, getenv func(string) string) (*Folder, error) {
	settings, settingsFault := council.Load(root)
	if errors.Is(settingsFault, fs.ErrNotExist) {
		return nil, settingsFault
	}
	files, sourceFaults := kinds.ReadFolder(os.DirFS(root))
	f := &Folder{Root: root, Settings: settings, files: files, getenv: getenv}
	if err := f.openSources(ctx); err != nil {
		return nil, fault.Join(settingsFault, sourceFaults, err)
	}
	var handbookFaults error
	f.Handbook, handbookFaults = measures.Load(root)
	var cycleFaults error
	f.Cycles, cycleFaults = cycles.Read(os.DirFS(root))
	if err := fault.Once(settingsFault, sourceFaults, handbookFaults, cycleFaults, f.checkOwnFiles(ctx)); err != nil {
		return nil, err
	}
	f.Warnings = append(f.Handbook.Warnings(), f.Warnings...)
	if err := f.addDefined(); err != nil {
		return nil, err
	}
	var err error
	f.Models, err = transforms.Load(ctx, transforms.Options{
		Ours:     transforms.Models(),
		Council:  transforms.Folder{FS: os.DirFS(filepath.Join(root, "models")), Path: "models"},
		Datasets: f.relations(),
		Measures: f.Handbook.Measures,
	})
	if err != nil {
		return f, err
	}
	return f, f.checkAudiences()
}

// StateFolder is where the council's warehouse, releases, archive and logs lie.
func (f *Folder) StateFolder() string { return StateFolder(f.Root, f.Settings) }

// StateFolder is the folder that settings name, within the council's folder unless it is absolute.
func StateFolder(root string, settings council.Settings) string {
	if filepath.IsAbs(settings.Warehouse.Folder) {
		return settings.Warehouse.Folder
	}
	return filepath.Join(root, settings.Warehouse.Folder)
}

func (f *Folder) archive() *connectors.Archive {
	return &connectors.Archive{Folder: filepath.Join(f.StateFolder(), "archive")}
}

func (f *Folder) openSources(ctx context.Context) error {
	deps := connectors.Deps{
		Root:    f.Root,
		Archive: f.archive(),
		Zone:    f.Settings.Location(),
		Getenv:  f.getenv,
	}
	f.own = []*handbook.Source{handbook.New(deps), handbook.NewReference(deps)}
	f.sources = []namedSource{{handbook.Name, f.own[0], true}, {handbook.ReferenceName, f.own[1], true}}
	for _, file := range f.files {
		source, err := file.Config.Open(deps)
		if err != nil {
			return err
		}
		f.sources = append(f.sources, namedSource{file.Source, source, false})
	}
	for _, s := range f.sources {
		datasets, err := s.source.Datasets(ctx)
		if err != nil {
			return err
		}
		f.datasets = append(f.datasets, datasets...)
	}
	return nil
}

// checkOwnFiles reads targets and reference files as a run would, and keeps nothing of them.
func (f *Folder) checkOwnFiles(ctx context.Context) error {
	var faults []error
	for _, source := range f.own {
		warnings, err := source.Check(ctx)
		f.Warnings = append(f.Warnings, warnings...)
		faults = append(faults, err)
	}
	return fault.Join(faults...)
}

// relations are the datasets as models and measures may name them.
func (f *Folder) relations() []transforms.Relation {
	var relations []transforms.Relation
	for _, ds := range f.datasets {
		relation := transforms.Relation{Name: ds.Source + "." + ds.Name, Description: ds.Description, Key: ds.Key}
		for _, column := range tableOf(ds, ds.Schema()).Columns {
			relation.Columns = append(relation.Columns, transforms.Column{
				Name: column.Name, Type: strings.ToLower(column.Type), Description: column.Comment,
			})
		}
		relations = append(relations, relation)
	}
	return relations
}

// addDefined puts the measures that sources define beside those of the handbook.
func (f *Folder) addDefined() error {
	var faults []error
	at := map[string]string{}
	for _, m := range f.Handbook.Measures {
		at[m.Code] = m.Where("code")
	}
	for _, s := range f.sources {
		definer, defines := s.source.(connectors.Definer)
		if !defines {
			continue
		}
		for _, m := range definer.Measures() {
			if other, taken := at[m.Code]; taken {
				faults = append(faults, &fault.Error{Where: other, What: fmt.Sprintf("the source %s defines a measure %s too", s.name, m.Code), Fix: "give one of them another code"})
			}
			at[m.Code] = "sources/" + s.name
			f.Handbook.Measures = append(f.Handbook.Measures, m)
		}
	}
	return fault.Join(faults...)
}

// datasetsOf are those of one source.
func (f *Folder) datasetsOf(source string) []connectors.Dataset {
	var datasets []connectors.Dataset
	for _, ds := range f.datasets {
		if ds.Source == source {
			datasets = append(datasets, ds)
		}
	}
	return datasets
}

// fed are the tables whose rows are shown in relations of the council's folder, by relation.
func (f *Folder) fed() map[string][]string {
	fed := map[string][]string{}
	for _, ds := range f.datasets {
		if ds.Feeds != "" {
			fed[ds.Feeds] = append(fed[ds.Feeds], ds.Table())
		}
	}
	return fed
}

// ownerOf is who sends a dataset, as its contract says; of a source without a dataset, who sends its first.
func (f *Folder) ownerOf(source, dataset string) string {
	if f == nil {
		return ""
	}
	i := slices.IndexFunc(f.datasets, func(ds connectors.Dataset) bool {
		return ds.Source == source && (ds.Name == dataset || dataset == "")
	})
	if i < 0 {
		return ""
	}
	return f.datasets[i].Owner
}

// SourceNames are the sources that a run may select.
func (f *Folder) SourceNames() []string {
	var names []string
	for _, s := range f.sources {
		if !s.program {
			names = append(names, s.name)
		}
	}
	return names
}

// CheckSelection refuses names that are no source's.
func (f *Folder) CheckSelection(names []string) error {
	known := f.SourceNames()
	var faults []error
	for _, name := range names {
		if !slices.Contains(known, name) {
			faults = append(faults, &fault.Error{Where: "--select", What: fmt.Sprintf("there is no source %q", name), Fix: fault.DidYouMean(name, "sources", known)})
		}
	}
	return fault.Join(faults...)
}
