package neterr

import (
	"net"
	"testing"
)

func TestWhatThisSystemSaysIsKnown(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if _, err := net.Listen("tcp", address); !InUse(err) || Refused(err) || Cut(err) {
		t.Errorf("an address that is taken: %v", err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := net.Dial("tcp", address); !Refused(err) || InUse(err) {
		t.Errorf("an address that nobody has: %v", err)
	}
}

func TestWhatWindowsSaysIsKnown(t *testing.T) {
	for _, c := range []struct {
		err  error
		says func(error) bool
	}{{windowsInUse, InUse}, {windowsRefused, Refused}, {windowsReset, Cut}, {windowsAborted, Cut}} {
		if wrapped := (&net.OpError{Op: "dial", Err: c.err}); !c.says(wrapped) {
			t.Errorf("%v is not known", wrapped)
		}
	}
	if InUse(nil) || Refused(nil) || Cut(nil) {
		t.Error("no error is taken for one")
	}
}
