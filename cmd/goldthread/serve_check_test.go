package main

import (
	"net"
	"strings"
	"testing"
)

func TestServeCheckSaysWhetherReadersAreAnswered(t *testing.T) {
	t.Parallel()
	s := serveTiny(t, false)
	if err := answers(t.Context(), s.Address); err != nil {
		t.Errorf("a server that answers: %v", err)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if err := answers(t.Context(), s.Address); err == nil {
		t.Error("a server that has ended is said to answer")
	}
	deaf, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	go func() {
		if conn, err := deaf.Accept(); err == nil {
			_, _ = conn.Write([]byte("N"))
			_ = conn.Close()
		}
	}()
	if err := answers(t.Context(), deaf.Addr().String()); err == nil || !strings.Contains(err.Error(), "TLS") {
		t.Errorf("a server without TLS: %v", err)
	}
}
