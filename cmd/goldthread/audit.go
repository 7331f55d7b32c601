package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse/serve/audit"
)

func newAudit(p *program) *cobra.Command {
	command := &cobra.Command{Use: "audit", Short: "Who read what over the network, and whether the record of it is whole"}
	command.AddCommand(newAuditList(p), newAuditVerify(p))
	return command
}

// An auditFilter says which entries are listed.
type auditFilter struct{ since, account string }

func newAuditList(p *program) *cobra.Command {
	var only auditFilter
	command := &cobra.Command{
		Use:   "list",
		Short: "List sign-ins, statements and changes of accounts",
		Example: `  goldthread audit list
  goldthread audit list --since 2026-10-01 --account powerbi --json`,
		Args: usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error { return p.listAudit(only) },
	}
	command.Flags().StringVar(&only.since, "since", "", "from this `day` on, such as 2026-10-01; the last 24 hours where not given")
	command.Flags().StringVar(&only.account, "account", "", "only of this account, by its `name`")
	return command
}

func (p *program) listAudit(only auditFilter) error {
	settings, err := p.settings()
	if err != nil {
		return err
	}
	since := time.Now().Add(-24 * time.Hour)
	if only.since != "" {
		if since, err = dayOf("--since", only.since, settings); err != nil {
			return err
		}
	}
	var write auditWriter = &auditTable{t: p.newTable("entry", "at", "account", "from", "application", "what", "release", "rows", "ms", "outcome"), zone: settings.Location()}
	if p.json {
		write = &auditJSON{out: p.term.out}
	}
	for line, err := range audit.Read(audit.Path(p.warehouseFolder(settings)), since) {
		if err == nil && (only.account == "" || line.Account == only.account) {
			err = write.line(line)
		}
		if err != nil {
			return err
		}
	}
	return write.end()
}

// An auditWriter shows entries.
type auditWriter interface {
	line(audit.Line) error
	end() error
}

type auditTable struct {
	t    table.Writer
	zone *time.Location
}

func (w *auditTable) line(l audit.Line) error {
	what := l.Action
	if l.Fingerprint != "" {
		what += " " + l.Fingerprint
	}
	w.t.AppendRow(table.Row{l.Number, l.At.In(w.zone).Format("2006-01-02 15:04:05"), shown(l.Account), l.From, shown(l.Application), what, l.Release, l.Rows, l.Duration / 1000, l.Outcome})
	return nil
}

func (w *auditTable) end() error {
	w.t.Render()
	return nil
}

// shown is a text that came from outside as a terminal can show it without being led astray.
func shown(text string) string {
	quoted := fmt.Sprintf("%q", text)
	return quoted[1 : len(quoted)-1]
}

// An auditJSON writes one document as the entries come, however many they are.
type auditJSON struct {
	out   io.Writer
	begun bool
}

func (w *auditJSON) line(l audit.Line) error {
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	mark := ",\n  "
	if !w.begun {
		mark, w.begun = "[\n  ", true
	}
	_, err = fmt.Fprintf(w.out, "%s%s", mark, text)
	return err
}

func (w *auditJSON) end() error {
	text := "\n]\n"
	if !w.begun {
		text = "[]\n"
	}
	_, err := io.WriteString(w.out, text)
	return err
}

func newAuditVerify(p *program) *cobra.Command {
	var noted string
	command := &cobra.Command{
		Use:   "verify",
		Short: "Find entries that were removed, edited, moved or put in",
		Long: "Reads the whole audit log and names each line that was removed, edited, moved, repeated or put in, and entries missing at its\n" +
			"end. Whoever may write the folder can write the whole log anew: note the newest entry that this prints where they cannot,\n" +
			"and give it as --noted the next time.",
		Args: usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error { return p.verifyAudit(noted) },
	}
	command.Flags().StringVar(&noted, "noted", "", "an `entry` that an earlier verify printed, such as 4711:9f86…")
	return command
}

func (p *program) verifyAudit(noted string) error {
	settings, err := p.settings()
	if err != nil {
		return err
	}
	var heads []audit.Head
	if noted != "" {
		head, err := audit.ParseHead(noted)
		if err != nil {
			return exit{exitUsage, &fault.Error{Where: "--noted", What: err.Error(), Fix: "give what goldthread audit verify printed as the newest entry"}}
		}
		heads = append(heads, head)
	}
	path := audit.Path(p.warehouseFolder(settings))
	report, err := audit.Verify(path, heads...)
	if errors.Is(err, os.ErrNotExist) {
		return &fault.Error{Where: path, What: "there is no audit log", Fix: "it begins with the first account that is added; if there was one, it was removed", Err: err}
	}
	if err != nil {
		return err
	}
	if err := p.printVerified(report); err != nil {
		return err
	}
	if len(report.Findings) > 0 {
		return exit{code: exitRed}
	}
	return nil
}

func (p *program) printVerified(r audit.Report) error {
	newest := ""
	if r.Head.Number > 0 {
		newest = r.Head.String()
	}
	if p.json {
		return p.printJSON(struct {
			audit.Report
			Newest string `json:"newest"`
			Whole  bool   `json:"whole"`
		}{r, newest, len(r.Findings) == 0})
	}
	out := p.term.out
	for _, f := range r.Findings {
		fmt.Fprintf(out, "%s: %s\n", f.Where, f.What)
	}
	if len(r.Findings) > 0 {
		fmt.Fprintf(out, "The audit log is not whole: %s wrong.\n", count(len(r.Findings), "thing"))
	} else {
		fmt.Fprintf(out, "The audit log is whole: %s in %s.\n", count(int(r.Entries), "line"), count(r.Files, "file"))
	}
	if r.Removed > 0 {
		fmt.Fprintf(out, "It begins after entry %d: those before were removed because their time was over.\n", r.Removed)
	}
	if r.Torn > 0 {
		fmt.Fprintln(out, "Its last entry is being written, or was cut off by a crash: the next one to write mends that, and notes it.")
	}
	if newest != "" {
		fmt.Fprintf(out, "The newest entry, to be noted elsewhere and given as --noted the next time:\n  %s\n", newest)
	}
	return nil
}

// noteChange keeps a change of an account, made by whoever is at the console.
func noteChange(log *audit.Log, now time.Time, action string, account, audience string) error {
	who := "unknown"
	if u, err := user.Current(); err == nil {
		who = u.Username
	}
	return log.Append(audit.Entry{At: now, Account: account, From: "console of " + who, Application: "goldthread account", Audience: audience, Action: action, Outcome: "ok"})
}

// dayOf reads a day of the council's time zone.
func dayOf(where, text string, settings council.Settings) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, text, settings.Location())
	if err != nil {
		return day, exit{exitUsage, &fault.Error{Where: where, What: fmt.Sprintf("%q is not a day", text), Fix: "write it like " + time.Now().Format(time.DateOnly), Err: err}}
	}
	return day, nil
}
