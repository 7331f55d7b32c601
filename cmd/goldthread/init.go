package main

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/examples"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/schedules"
)

func newInit(p *program) *cobra.Command {
	var organisation, name string
	command := &cobra.Command{
		Use:   "init DIR",
		Short: "A new council's folder, with a starter set that runs",
		Long: "Writes a folder for your council to DIR: a plan, a quarterly return with sample figures, three measures, their\n" +
			"targets, and the councils yours is compared with. DIR must be empty or not there yet.",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			council, err := chooseCouncil(organisation, name)
			if err != nil {
				return exit{exitUsage, err}
			}
			if name = strings.Join(strings.Fields(name), " "); name == "" {
				name = council.OfficialName
			}
			starter, err := examples.NewStarter(council, name)
			if err != nil {
				return err
			}
			if err := addSchedules(starter); err != nil {
				return err
			}
			if err := starter.Write(args[0]); err != nil {
				return exit{exitUsage, err}
			}
			return p.printStarter(args[0], council.Code, name, starter)
		},
	}
	command.Flags().StringVar(&organisation, "organisation", "", "your council's GSS `code`, such as E08000009")
	command.Flags().StringVar(&name, "name", "", "your council's `name` as reports write it (the official one where not given)")
	return command
}

// addSchedules puts the program's schedules beside the starter's files: the nightly one to be used, the others to be looked at.
func addSchedules(starter *examples.Starter) error {
	return fs.WalkDir(schedules.Shipped(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(schedules.Shipped(), name)
		if name != "nightly.yaml" {
			name += ".example"
		}
		starter.Add("schedules/"+name, text)
		return err
	})
}

// chooseCouncil finds the council with a code in the list of authorities, or says which code may be meant.
func chooseCouncil(code, name string) (examples.Authority, error) {
	all, err := examples.Authorities()
	if err != nil {
		return examples.Authority{}, err
	}
	i := slices.IndexFunc(all, func(a examples.Authority) bool { return a.Code == code })
	switch {
	case code == "":
		return examples.Authority{}, &fault.Error{What: "which council is it? Its GSS code is not given", Fix: howToFind(all, name)}
	case i < 0:
		return examples.Authority{}, &fault.Error{
			Where: "--organisation",
			What:  fmt.Sprintf("%q is no council's code in the list of July 2025", code),
			Fix:   howToFind(all, code),
		}
	case all[i].EndDate != "":
		return examples.Authority{}, ended(all[i])
	}
	return all[i], nil
}

// ended refuses a council that is no more, and names those that took its place.
func ended(council examples.Authority) error {
	successors, err := examples.SuccessorsOf(council)
	if err != nil {
		return err
	}
	var now []string
	for _, a := range successors {
		now = append(now, described(a))
	}
	return &fault.Error{
		Where: "--organisation",
		What:  fmt.Sprintf("%s is no more since %s", described(council), council.EndDate),
		Fix:   "give the code of the council that took its place: " + strings.Join(now, " or "),
	}
}

// howToFind says which council a code or name may mean, and how else to find the code.
func howToFind(all []examples.Authority, text string) string {
	general := "look in any official file that lists councils: codes begin with E06 (unitary), E07 (district), E08 (metropolitan), " +
		"E09 (London), E10 (county), W06, S12 or N09"
	if text == "" {
		return "add --organisation CODE, such as --organisation E08000009 for Trafford; with --name \"Your Council\" this message tells the code.\n" +
			"  Or " + general
	}
	if near, found := nearest(all, text); found {
		return fmt.Sprintf("add --organisation %s if you mean %s. Or %s", near.Code, near.OfficialName, general)
	}
	return general
}

// nearest gives the council whose code or name is most like a text. Two may bear the same name; one that is no more is
// never meant.
func nearest(all []examples.Authority, text string) (examples.Authority, bool) {
	var words []string
	var owners []examples.Authority // of each word
	for _, a := range all {
		if a.EndDate == "" {
			words = append(words, a.Name, a.OfficialName, a.Name+" Council", a.Code)
			owners = append(owners, a, a, a, a)
		}
	}
	i := slices.Index(words, fault.Nearest(text, words))
	if i < 0 {
		return examples.Authority{}, false
	}
	return owners[i], true
}

func described(a examples.Authority) string { return fmt.Sprintf("%s (%s)", a.Code, a.OfficialName) }

// printStarter says what was written and what to do now.
func (p *program) printStarter(dir, code, name string, starter *examples.Starter) error {
	if p.json {
		return p.printJSON(struct {
			Folder       string   `json:"folder"`
			Name         string   `json:"name"`
			Organisation string   `json:"organisation"`
			PeerGroup    string   `json:"peer_group"`
			Peers        []string `json:"peers"`
		}{dir, name, code, starter.PeerGroup, append([]string{}, starter.Peers...)})
	}
	peers := "no councils to compare with: see reference/README.md"
	if len(starter.Peers) > 0 {
		peers = fmt.Sprintf("%s to compare with (%s)", count(len(starter.Peers), "council"), starter.PeerGroup)
	}
	fmt.Fprintf(p.term.out, "%s is ready for %s (%s), with sample figures and %s.\n\nWhat to do next\n", dir, name, code, peers)
	p.printList([][2]string{
		{p.name + " run -C " + dir, "read the sample figures and release them"},
		{p.name + " explain COR01 FY2026-27-Q2 -C " + dir, "where a figure comes from, to file and line"},
		{p.name + ` sql "select measure_name, value, target, rag from marts.scorecard" -C ` + dir, "how the measures stand"},
	})
	fmt.Fprintln(p.term.out, "Then read README.md there, and put your own plan, measures and figures in the place of the samples.")
	return nil
}
