package main

import (
	"encoding/json"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse"
)

// A program is what every command shares: the flags, and where to write.
type program struct {
	name   string // as it was called, for lines to try
	term   *terminal
	folder string
	json   bool
	log    string
}

func newRoot(name string, term *terminal) *cobra.Command {
	p := &program{name: name, term: term}
	root := &cobra.Command{
		Use:           "goldthread",
		Short:         "One version of the truth about a council's performance",
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	flags := root.PersistentFlags()
	flags.StringVarP(&p.folder, "council", "C", ".", "the council's `folder`")
	flags.BoolVar(&p.json, "json", false, "print one JSON document instead of words")
	flags.StringVar(&p.log, "log", "", "write the log, JSON lines, to this `file` (- for stderr) instead of logs/ of the warehouse's folder")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return exit{exitUsage, err} })
	root.AddCommand(
		newDemo(p), newInit(p), newValidate(p), newPlan(p), newRun(p), newTest(p),
		newSQL(p), newExplain(p), newReleases(p), newStatus(p),
		newInspect(p), newTry(p), newQuarantine(p),
		newAccept(p), newBench(p), newDoctor(p), newSchedule(p),
		newAccount(p), newAudit(p), newServe(p), newExport(p), newUp(p), newService(p), newBackup(p), newRestore(p), newPrune(p),
	)
	for _, command := range root.Commands() {
		checkArgs := command.Args
		command.Args = func(c *cobra.Command, args []string) error {
			if checkArgs == nil {
				checkArgs = cobra.NoArgs
			}
			if err := checkArgs(c, args); err != nil {
				return exit{exitUsage, fmt.Errorf("%w\n  fix: %s", err, c.UseLine())}
			}
			return nil
		}
	}
	return root
}

// version is what the build recorded: a tag or a commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
			return setting.Value[:12]
		}
	}
	return info.Main.Version
}

// settings reads goldthread.yaml of the council's folder, whose warehouse must be of no newer program.
func (p *program) settings() (council.Settings, error) {
	settings, err := council.Load(p.folder)
	if err == nil {
		err = warehouse.CheckFormat(p.warehouseFolder(settings))
	}
	if err != nil {
		return settings, exit{exitUsage, err}
	}
	return settings, nil
}

// releases gives the releases of the council's folder.
func (p *program) releases() (*warehouse.Releases, council.Settings, error) {
	settings, err := p.settings()
	if err != nil {
		return nil, settings, err
	}
	return warehouse.NewReleases(p.warehouseFolder(settings)), settings, nil
}

func (p *program) warehouseFolder(settings council.Settings) string {
	return pipeline.StateFolder(p.folder, settings)
}

// printJSON writes the one document that --json asks for.
func (p *program) printJSON(document any) error {
	encoder := json.NewEncoder(p.term.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}
