package warehouse

import (
	"errors"
	"os"
	"runtime"
)

// syncFolder makes a name that was just made or moved in a folder last. Windows has no such call and needs none.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	err = folder.Sync()
	return errors.Join(err, folder.Close())
}
