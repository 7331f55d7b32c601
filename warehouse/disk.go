package warehouse

import (
	"errors"
	"strings"
	"syscall"

	"github.com/goldthread/goldthread/internal/fault"
)

// DiskFault says in words what a full disk or a damaged file means, where that is what is behind err; any other error stays
// as it is.
func DiskFault(folder string, err error) error {
	switch {
	case isFull(err):
		return &fault.Error{
			Where: folder,
			What:  "the disk is full; what was loaded before this run, and what readers see, is as it was",
			Fix:   "free space on the disk that holds this folder, then run again: the run goes on from what was loaded",
			Err:   err,
		}
	case isDamage(err):
		return &fault.Error{
			Where: pathIn(folder),
			What:  "the warehouse file is damaged: what the disk gives back is not what was written; readers see what they saw before",
			Fix:   damageFix,
			Err:   err,
		}
	}
	return err
}

// OfTheDisk says whether an error is one that DiskFault explains, after which nothing else in the warehouse is worth trying.
func OfTheDisk(err error) bool { return isFull(err) || isDamage(err) }

func isFull(err error) bool {
	return err != nil && (errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "No space left on device") ||
		strings.Contains(err.Error(), "not enough space on the disk")) // as Windows says it
}

// isDamage says whether the engine found a block that does not fit its checksum. It tells so in words only.
func isDamage(err error) bool {
	return err != nil && strings.Contains(err.Error(), "Corrupt database file")
}

const damageFix = "put back a backup of the whole folder, or move the folder away and run again: the sources' files are read anew"
