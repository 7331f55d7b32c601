package main

import (
	"fmt"

	"golang.org/x/sys/windows"
)

func servicesHere() error { return nil }

// onlyFor lets an account, the administrators and the system into a folder and all in it, and nobody else.
func onlyFor(account, folder string) error {
	sid, _, _, err := windows.LookupSID("", account)
	if err != nil {
		return fmt.Errorf("finding the account %s: %w", account, err)
	}
	const modify = "0x1301bf"
	rights, err := windows.SecurityDescriptorFromString(fmt.Sprintf("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;%s;;;%s)", modify, sid))
	if err != nil {
		return err
	}
	list, _, err := rights.DACL()
	if err != nil {
		return err
	}
	return windows.SetNamedSecurityInfo(folder, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, list, nil)
}
