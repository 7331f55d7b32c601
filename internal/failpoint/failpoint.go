// Package failpoint names the places at which a test may kill the program.
//
// A place is a call of Hit. Nothing happens there unless the program was started armed, which cmd does from the
// environment variable GOLDTHREAD_FAILPOINT, in the form "name" or "name:n" for the n-th time the place is reached.
package failpoint

import (
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
)

type armed struct {
	name string
	left atomic.Int64
	kill func()
}

var current atomic.Pointer[armed]

// Arm makes the place that spec names call kill. An empty spec disarms.
func Arm(spec string, kill func()) error {
	if spec == "" {
		current.Store(nil)
		return nil
	}
	name, count, counted := strings.Cut(spec, ":")
	n := 1
	if counted {
		var err error
		if n, err = strconv.Atoi(count); err != nil || n < 1 {
			return fmt.Errorf("failpoint %q: want name or name:n with n from 1", spec)
		}
	}
	a := &armed{name: name, kill: kill}
	a.left.Store(int64(n))
	current.Store(a)
	return nil
}

// Hit is a place where the program may be killed. It costs one atomic load when nothing is armed.
func Hit(name string) {
	a := current.Load()
	if a == nil || a.name != name {
		return
	}
	if a.left.Add(-1) == 0 {
		a.kill()
	}
}
