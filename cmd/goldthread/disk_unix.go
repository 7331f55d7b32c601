//go:build unix

package main

import "golang.org/x/sys/unix"

// freeBytes is how much of a folder's disk this account may still fill.
func freeBytes(folder string) (uint64, error) {
	var disk unix.Statfs_t
	err := unix.Statfs(folder, &disk)
	return uint64(disk.Bavail) * uint64(disk.Bsize), err
}
