package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	daemon "github.com/kardianos/service"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/fault"
)

// serviceName is what the system knows the service by.
const serviceName = "goldthread"

func newService(p *program) *cobra.Command {
	command := &cobra.Command{
		Use:   "service",
		Short: "Keep goldthread up running as a Windows service",
		Long: "Windows starts the service with the machine, starts it again when it ends unasked, and has its parts end in order when it is\n" +
			"stopped. Run these as administrator. On Linux systemd does all this, with deploy/goldthread.service.",
	}
	var account string
	install := p.serviceVerb("install", "Make the service, for the council's folder", func(path string) error { return p.installService(path, account) })
	install.Long = "Makes the service and lets nobody but its account, the administrators and the system into the council's folder and what a run\n" +
		"makes. Who works on the folder needs a right of their own to it then; docs/windows.md says how."
	install.Flags().StringVar(&account, "account", `NT SERVICE\`+serviceName, "`account` it runs as: one of its own, or a managed service account such as COUNCIL\\goldthread$")
	command.AddCommand(install,
		p.serviceVerb("uninstall", "Remove the service; the council's folder stays as it is", p.controlService(daemon.Service.Uninstall, "removed")),
		p.serviceVerb("start", "Start the service", p.controlService(daemon.Service.Start, "started")),
		p.serviceVerb("stop", "Stop the service, its parts in order", p.controlService(daemon.Service.Stop, "stopped")),
		p.serviceVerb("status", "Whether the service is running", p.serviceStatus),
	)
	run := p.serviceVerb("run", "What Windows starts", p.runService)
	run.Hidden = true
	command.AddCommand(run)
	return command
}

// serviceVerb is a command that gets the council's folder, wherever it is called from.
func (p *program) serviceVerb(use, short string, do func(folder string) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
		if err := servicesHere(); err != nil {
			return exit{exitUsage, err}
		}
		folder, err := filepath.Abs(p.folder)
		if err != nil {
			return err
		}
		return do(folder)
	}}
}

// registered is the service as the system knows it; what it does is asked of it only where the system starts it.
func registered(r *resident, account string, arguments ...string) (daemon.Service, error) {
	return daemon.New(r, &daemon.Config{
		Name: serviceName, DisplayName: "Goldthread", Description: "One version of the truth about the council's performance",
		Arguments: arguments, UserName: account,
		Option: daemon.KeyValue{"OnFailure": "restart", "OnFailureDelayDuration": "5s", "OnFailureResetPeriod": 86400},
	})
}

func (p *program) installService(folder, account string) error {
	settings, err := p.settings()
	if err != nil {
		return err
	}
	state, err := filepath.Abs(p.warehouseFolder(settings))
	if err == nil {
		err = os.MkdirAll(state, 0o755)
	}
	if err != nil {
		return err
	}
	s, err := registered(nil, account, "service", "run", "-C", folder)
	if err == nil {
		err = s.Install()
	}
	if err != nil {
		return &fault.Error{What: "the service cannot be made: " + err.Error(), Fix: "do it as administrator; where there is one already, goldthread service uninstall first", Err: err}
	}
	for _, one := range []string{folder, state} {
		if err := onlyFor(account, one); err != nil {
			return errors.Join(fmt.Errorf("keeping others out of %s: %w", one, err), s.Uninstall())
		}
	}
	fmt.Fprintf(p.term.out, "The service %s is made, for %s, and runs as %s.\nStart it: %s service start\n", serviceName, folder, account, p.name)
	return nil
}

func (p *program) controlService(do func(daemon.Service) error, done string) func(string) error {
	return func(string) error {
		s, err := registered(nil, "")
		if err == nil {
			err = do(s)
		}
		if err != nil {
			return &fault.Error{What: fmt.Sprintf("the service is not %s: %v", done, err), Fix: "do it as administrator; goldthread service status says how it stands", Err: err}
		}
		fmt.Fprintf(p.term.out, "The service %s is %s.\n", serviceName, done)
		return nil
	}
}

func (p *program) serviceStatus(string) error {
	s, err := registered(nil, "")
	if err != nil {
		return err
	}
	status, err := s.Status()
	switch {
	case errors.Is(err, daemon.ErrNotInstalled):
		fmt.Fprintf(p.term.out, "There is no service %s: goldthread service install makes it.\n", serviceName)
	case err != nil:
		return err
	case status == daemon.StatusRunning:
		fmt.Fprintf(p.term.out, "The service %s is running.\n", serviceName)
		return nil
	default:
		fmt.Fprintf(p.term.out, "The service %s is not running.\n", serviceName)
	}
	return exit{code: exitFailed}
}

// runService is what the system starts. A service has no screen, so what up and its parts say goes to a file.
func (p *program) runService(string) error {
	said, err := p.serviceLog()
	if err != nil {
		return err
	}
	defer said.Close()
	p.term.out, p.term.errors = said, said
	s, err := registered(&resident{up: p.up, complain: said}, "")
	if err != nil {
		return err
	}
	return s.Run()
}

// serviceLog opens what the service says, in the council's folder where the settings cannot be read. It is begun anew at each start.
func (p *program) serviceLog() (io.WriteCloser, error) {
	state := p.folder
	if settings, err := p.settings(); err == nil {
		state = filepath.Join(p.warehouseFolder(settings), "logs")
	}
	if err := os.MkdirAll(state, 0o755); err != nil {
		return nil, err
	}
	return os.Create(filepath.Join(state, "service.log"))
}

// A resident is up as the system's services are started and stopped.
type resident struct {
	up       func(context.Context) error
	complain io.Writer
	end      context.CancelFunc
	ended    chan struct{}
}

// Start returns at once. If up ends by itself, which it does only where it is wrongly set up, the service stops.
func (r *resident) Start(s daemon.Service) error {
	ctx, end := context.WithCancel(context.Background())
	r.end, r.ended = end, make(chan struct{})
	go func() {
		err := r.up(ctx)
		if err != nil {
			fmt.Fprintln(r.complain, err)
		}
		close(r.ended)
		if ctx.Err() == nil {
			if err := s.Stop(); err != nil {
				fmt.Fprintln(r.complain, err)
			}
		}
	}()
	return nil
}

// Stop has the parts end and waits for them.
func (r *resident) Stop(daemon.Service) error {
	r.end()
	<-r.ended
	return nil
}
