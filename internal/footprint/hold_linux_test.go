package footprint_test

import "golang.org/x/sys/unix"

// hold takes memory as the engine does. Go's own way, which reserves addresses first and maps them over, the system does not
// count in full against a limit.
func hold(bytes int) ([]byte, error) {
	return unix.Mmap(-1, 0, bytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
}
