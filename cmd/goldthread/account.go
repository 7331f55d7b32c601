package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse/serve/accounts"
	"github.com/goldthread/goldthread/warehouse/serve/audit"
)

// An askedAccount is what is wanted of an account.
type askedAccount struct {
	name     string
	audience string
	expires  string
	oldDays  int
}

func newAccount(p *program) *cobra.Command {
	command := &cobra.Command{Use: "account", Short: "Who may read releases over the network"}
	command.AddCommand(newAccountAdd(p), newAccountRenew(p), newAccountList(p), newAccountRemove(p))
	return command
}

// usage makes a wrong number of arguments wrong use, of a command within a command too.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return exit{exitUsage, fmt.Errorf("%w\n  fix: %s", err, c.UseLine())}
		}
		return nil
	}
}

func newAccountAdd(p *program) *cobra.Command {
	var asked askedAccount
	command := &cobra.Command{
		Use:   "add NAME",
		Short: "Add an account for one tool, and show its secret this once",
		Example: `  goldthread account add powerbi --audience staff
  goldthread account add members-portal --audience members --expires 2027-03-31`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			asked.name = args[0]
			return p.changeAccount("account-add", asked, p.addAccount)
		},
	}
	command.Flags().StringVar(&asked.audience, "audience", "", "whose `file` of each release it reads, such as staff")
	command.Flags().StringVar(&asked.expires, "expires", "", "last `day` on which it works; a year from today where not given")
	return command
}

func newAccountRenew(p *program) *cobra.Command {
	var asked askedAccount
	command := &cobra.Command{
		Use:     "renew NAME",
		Short:   "Make an account a new secret, beside which the old one works for some days",
		Example: "  goldthread account renew powerbi --old-days 14",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			asked.name = args[0]
			return p.changeAccount("account-renew", asked, p.renewAccount)
		},
	}
	command.Flags().StringVar(&asked.expires, "expires", "", "last `day` on which it works; a year from today where not given")
	command.Flags().IntVar(&asked.oldDays, "old-days", 7, "for how many `days` the old secret works on; 0 ends it at once")
	return command
}

func newAccountList(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the accounts, without their secrets", Args: usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error { return p.listAccounts() },
	}
}

func newAccountRemove(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "End an account: nobody signs in with it any more", Args: usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			return p.changeAccount("account-remove", askedAccount{name: args[0]}, p.removeAccount)
		},
	}
}

// A changing is one change of an account under way.
type changing struct {
	askedAccount
	now      time.Time
	settings council.Settings
	store    *accounts.Store
}

// changeAccount makes a change and notes it in the audit log, without which none is made.
func (p *program) changeAccount(action string, asked askedAccount, do func(changing) (changedAccount, error)) (err error) {
	settings, err := p.settings()
	if err != nil {
		return err
	}
	c := changing{askedAccount: asked, now: time.Now().In(settings.Location()), settings: settings}
	state := p.warehouseFolder(settings)
	if c.store, err = accounts.Open(accounts.Path(state), func() time.Time { return c.now }); err != nil {
		return err
	}
	log, err := audit.Open(audit.Path(state))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	changed, err := do(c)
	if err != nil {
		return err
	}
	if err := noteChange(log, c.now, action, asked.name, changed.Audience); err != nil {
		return fmt.Errorf("the account was changed, and the change could not be noted: %w", err)
	}
	return p.printChanged(changed)
}

// A changedAccount is what a change tells.
type changedAccount struct {
	Name      string     `json:"name"`
	Audience  string     `json:"audience,omitempty"`
	Expires   string     `json:"expires,omitempty"`
	Secret    string     `json:"secret,omitempty"`
	OldUntil  *time.Time `json:"old_secret_until,omitempty"`
	IsRemoved bool       `json:"removed,omitempty"`
}

func (p *program) addAccount(c changing) (changed changedAccount, err error) {
	if !slices.Contains(c.settings.Audiences.Names(), c.audience) {
		what := fmt.Sprintf("there is no audience %q", c.audience)
		if c.audience == "" {
			what = "say whose file of each release the account reads"
		}
		return changed, exit{exitUsage, &fault.Error{Where: "--audience", What: what, Fix: fault.DidYouMean(c.audience, "audiences of goldthread.yaml", c.settings.Audiences.Names())}}
	}
	expires, err := c.lastDay()
	if err != nil {
		return changed, err
	}
	secret, err := c.store.Add(c.name, c.audience, expires)
	return changedAccount{Name: c.name, Audience: c.audience, Expires: expires.Format(time.DateOnly), Secret: secret}, err
}

func (p *program) renewAccount(c changing) (changed changedAccount, err error) {
	if c.oldDays < 0 {
		return changed, exit{exitUsage, &fault.Error{Where: "--old-days", What: fmt.Sprintf("%d days are over", c.oldDays), Fix: "give 0 or more"}}
	}
	expires, err := c.lastDay()
	if err != nil {
		return changed, err
	}
	until := c.now.AddDate(0, 0, c.oldDays).Truncate(time.Second)
	secret, err := c.store.Renew(c.name, accounts.Renewal{Expires: expires, OldUntil: until})
	if err != nil {
		return changed, err
	}
	changed = changedAccount{Name: c.name, Audience: c.audienceOf(c.name), Expires: expires.Format(time.DateOnly), Secret: secret}
	if c.oldDays > 0 {
		changed.OldUntil = &until
	}
	return changed, nil
}

func (p *program) removeAccount(c changing) (changedAccount, error) {
	audience := c.audienceOf(c.name)
	return changedAccount{Name: c.name, Audience: audience, IsRemoved: true}, c.store.Remove(c.name)
}

func (c changing) audienceOf(name string) string {
	for _, one := range c.store.List() {
		if one.Name == name {
			return one.Audience
		}
	}
	return ""
}

// lastDay is the one asked for, or that of a year.
func (c changing) lastDay() (time.Time, error) {
	if c.expires == "" {
		return c.now.AddDate(1, 0, 0), nil
	}
	return dayOf("--expires", c.expires, c.settings)
}

func (p *program) printChanged(c changedAccount) error {
	if p.json {
		return p.printJSON(c)
	}
	out := p.term.out
	if c.IsRemoved {
		fmt.Fprintf(out, "%s is removed: nobody signs in with it any more. Who is connected stays so until the tool disconnects.\n", c.Name)
		return nil
	}
	fmt.Fprintf(out, "%s reads what %s may see, until %s.\n  secret: %s\n", c.Name, c.Audience, c.Expires, c.Secret)
	fmt.Fprintln(out, "It is shown this once and kept nowhere: put it into the tool's dialogue, or a password safe, now.")
	if c.OldUntil != nil {
		fmt.Fprintf(out, "The secret before works beside it until %s.\n", c.OldUntil.Format("2006-01-02 15:04"))
	}
	return nil
}

func (p *program) listAccounts() error {
	settings, err := p.settings()
	if err != nil {
		return err
	}
	store, err := accounts.Open(accounts.Path(p.warehouseFolder(settings)), func() time.Time { return time.Now().In(settings.Location()) })
	if err != nil {
		return err
	}
	list := store.List()
	if p.json {
		return p.printJSON(list)
	}
	if len(list) == 0 {
		fmt.Fprintf(p.term.out, "There is no account yet. To add one: %s account add NAME --audience %s\n", p.name, council.Staff)
		return nil
	}
	t := p.newTable("account", "audience", "until", "live secrets", "made", "")
	for _, a := range list {
		t.AppendRow(table.Row{a.Name, a.Audience, a.Expires, a.Secrets, a.MadeAt.In(settings.Location()).Format(time.DateOnly), map[bool]string{true: "expired"}[a.Expired]})
	}
	t.Render()
	return nil
}
