package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	daemon "github.com/kardianos/service"
)

// A stoppable service is told to stop.
type stoppable struct {
	daemon.Service
	stopped chan struct{}
}

func (s stoppable) Stop() error {
	close(s.stopped)
	return nil
}

func TestStoppingTheServiceWaitsForItsParts(t *testing.T) {
	atWork, cleared := make(chan struct{}), false
	r := &resident{complain: t.Output(), up: func(ctx context.Context) error {
		close(atWork)
		<-ctx.Done()
		cleared = true
		return nil
	}}
	if err := r.Start(stoppable{}); err != nil {
		t.Fatal(err)
	}
	<-atWork
	if err := r.Stop(nil); err != nil || !cleared {
		t.Errorf("stopped before its parts had ended: %v", err)
	}
}

func TestAServiceThatIsWronglySetUpStopsAndSaysWhy(t *testing.T) {
	var said bytes.Buffer
	s := stoppable{stopped: make(chan struct{})}
	r := &resident{complain: &said, up: func(context.Context) error { return errors.New("there is no council's folder here") }}
	if err := r.Start(s); err != nil {
		t.Fatal(err)
	}
	<-s.stopped
	if said.String() != "there is no council's folder here\n" {
		t.Errorf("it says %q", said.String())
	}
}

func TestServicesAreLeftToSystemdOnLinux(t *testing.T) {
	for _, verb := range []string{"install", "uninstall", "start", "stop", "status", "run"} {
		var out, complaint bytes.Buffer
		code := run(t.Context(), []string{"goldthread", "service", verb}, &out, &complaint, func(string) string { return "" })
		if code != exitUsage || !strings.Contains(complaint.String(), "only Windows has services of this kind\n  fix: have systemd start Goldthread") {
			t.Errorf("service %s ends with %d and says %q", verb, code, complaint.String())
		}
	}
}
