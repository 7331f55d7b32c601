//go:build !linux && !windows

package footprint

import "errors"

// Limit cannot be had here.
func Limit(int, int64) (func(), error) { return nil, errors.ErrUnsupported }

// Held is not told here.
func Held(int) (int64, error) { return 0, errors.ErrUnsupported }
