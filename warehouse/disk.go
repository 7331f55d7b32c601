package warehouse

import (
	"errors"
	"strings"
	"syscall"

	"github.com/goldthread/goldthread/internal/fault"
)

// DiskFault says in words what a full disk means, where that is what is behind err; any other error stays as it is.
func DiskFault(folder string, err error) error {
	if err == nil || !errors.Is(err, syscall.ENOSPC) && !strings.Contains(err.Error(), "No space left on device") {
		return err
	}
	return &fault.Error{
		Where: folder,
		What:  "the disk is full; what was loaded before this run, and what readers see, is as it was",
		Fix:   "free space on the disk that holds this folder, then run again: the run goes on from what was loaded",
		Err:   err,
	}
}
