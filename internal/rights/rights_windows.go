package rights

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// everybody are the groups that whoever signs in to the machine is of.
var everybody = []windows.WELL_KNOWN_SID_TYPE{windows.WinWorldSid, windows.WinAuthenticatedUserSid, windows.WinBuiltinUsersSid}

// OpenToAll says whether everybody on this machine has the right to read a file.
func OpenToAll(path string) (bool, error) {
	file, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return false, fmt.Errorf("asking who may read %s: %w", path, err)
	}
	list, _, err := file.DACL()
	if err != nil || list == nil { // without a list everything is allowed
		return list == nil, err
	}
	for i := range uint32(list.AceCount) {
		var entry *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(list, i, &entry); err != nil {
			return false, err
		}
		if entry.Header.AceType == windows.ACCESS_ALLOWED_ACE_TYPE && entry.Mask&windows.FILE_READ_DATA != 0 && isEverybody((*windows.SID)(unsafe.Pointer(&entry.SidStart))) {
			return true, nil
		}
	}
	return false, nil
}

func isEverybody(sid *windows.SID) bool {
	for _, group := range everybody {
		if sid.IsWellKnown(group) {
			return true
		}
	}
	return false
}

// TakeFromAll is the command that mends it: the file keeps the rights it was given, without those of its folder and of everybody.
// The groups are named by number, as their names differ with the language of Windows.
func TakeFromAll(path string) string {
	return `icacls "` + path + `" /inheritance:d /remove:g *S-1-1-0 *S-1-5-11 *S-1-5-32-545`
}
