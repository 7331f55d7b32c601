// Package rights tells who else on this machine may read a file, by its mode or, on Windows, by its list of access.
package rights
