package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/fault"
)

func newServeCheck(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Whether serve answers at its address, encrypted; for a monitor or a container's health",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			settings, err := p.settings()
			if err != nil {
				return err
			}
			host, port, err := net.SplitHostPort(settings.Serve.Listen)
			if err != nil {
				return exit{exitUsage, err}
			}
			address := net.JoinHostPort(reachable(host), port)
			if err := answers(c.Context(), address); err != nil {
				return &fault.Error{Where: address, What: "nobody answers readers here: " + err.Error(), Fix: "start goldthread serve, or look into its log", Err: err}
			}
			fmt.Fprintf(p.term.out, "Readers are answered at %s.\n", address)
			return nil
		},
	}
}

// answers asks a server of the PostgreSQL protocol whether it speaks TLS, which it says in one letter.
func answers(ctx context.Context, address string) error {
	const patience = 5 * time.Second
	ctx, end := context.WithTimeout(ctx, patience)
	defer end()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte{0, 0, 0, 8, 4, 210, 22, 47}); err != nil { // SSLRequest
		return err
	}
	letter := make([]byte, 1)
	if _, err := io.ReadFull(conn, letter); err != nil {
		return err
	}
	if letter[0] != 'S' {
		return fmt.Errorf("it says %q and not that it speaks TLS", letter)
	}
	return nil
}
