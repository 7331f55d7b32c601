//go:build !windows

package main

import "github.com/goldthread/goldthread/internal/fault"

// servicesHere says that this is not the system for it.
func servicesHere() error {
	return &fault.Error{
		What: "only Windows has services of this kind",
		Fix:  "have systemd start Goldthread with the machine: deploy/goldthread.service says how",
	}
}

func onlyFor(_, _ string) error { return servicesHere() }
