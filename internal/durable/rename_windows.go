package durable

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// Rename gives a file or folder another name, in the place of the file that has it, if there is one. Whoever reads a file keeps
// Windows from renaming it, or another over it; as most read for a moment only, it is tried for a while.
func Rename(from, to string) error {
	const patience, rest = 5 * time.Second, 20 * time.Millisecond
	for began := time.Now(); ; time.Sleep(rest) {
		err := os.Rename(from, to)
		if !InUse(err) || time.Since(began) > patience {
			return err
		}
	}
}

// InUse says whether something could not be renamed or removed because somebody reads it.
func InUse(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}
