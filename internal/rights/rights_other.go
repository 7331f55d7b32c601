//go:build !windows

package rights

import "os"

// OpenToAll says whether everybody on this machine has any right to a file.
func OpenToAll(path string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	return info.Mode().Perm()&0o007 != 0, nil
}

// TakeFromAll is the command that mends it.
func TakeFromAll(path string) string { return "chmod o-rwx " + path }
