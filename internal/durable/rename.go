//go:build !windows

package durable

import "os"

// Rename gives a file or folder another name, in the place of the file that has it, if there is one.
func Rename(from, to string) error { return os.Rename(from, to) }

// InUse says whether something could not be renamed or removed because somebody reads it, which only Windows minds.
func InUse(error) bool { return false }
