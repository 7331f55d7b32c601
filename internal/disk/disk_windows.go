package disk

import "golang.org/x/sys/windows"

// Of tells of the disk that a folder is on.
func Of(folder string) (v Volume, err error) {
	name, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return v, err
	}
	return v, windows.GetDiskFreeSpaceEx(name, &v.Free, &v.Size, nil)
}
