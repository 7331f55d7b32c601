// Package neterr knows what the network of any system says. Windows has numbers of its own for it, under which Go's names of
// errors are not found.
package neterr

import (
	"errors"
	"syscall"
)

// The numbers of Windows' sockets. No other system has errors so high.
const (
	windowsInUse   = syscall.Errno(10048)
	windowsAborted = syscall.Errno(10053)
	windowsReset   = syscall.Errno(10054)
	windowsRefused = syscall.Errno(10061)
)

// InUse says whether another program listens at an address already.
func InUse(err error) bool { return isOne(err, syscall.EADDRINUSE, windowsInUse) }

// Refused says whether nobody listens at an address.
func Refused(err error) bool { return isOne(err, syscall.ECONNREFUSED, windowsRefused) }

// Cut says whether the other side, or the way to it, ended a connection.
func Cut(err error) bool {
	return isOne(err, syscall.ECONNRESET, syscall.EPIPE, windowsAborted, windowsReset)
}

func isOne(err error, of ...syscall.Errno) bool {
	for _, one := range of {
		if errors.Is(err, one) {
			return true
		}
	}
	return false
}
