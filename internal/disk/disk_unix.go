//go:build unix

package disk

import "golang.org/x/sys/unix"

// Of tells of the disk that a folder is on.
func Of(folder string) (Volume, error) {
	var found unix.Statfs_t
	err := unix.Statfs(folder, &found)
	block := uint64(found.Bsize)
	return Volume{Free: uint64(found.Bavail) * block, Size: uint64(found.Blocks) * block}, err
}
