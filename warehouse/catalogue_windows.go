package warehouse

import (
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// yield closes the file: on Windows the engine opens it for itself alone, and fails where anybody has it open.
func (g *catalogueGuard) yield() error {
	name := g.file.Name()
	var err error
	if g.identity, err = identityOf(windows.Handle(g.file.Fd())); err != nil {
		return err
	}
	err = g.file.Close()
	g.file = nil
	if err != nil {
		return fmt.Errorf("handing %s to the engine: %w", name, err)
	}
	return nil
}

// share takes a copy of the engine's own handle, which is the only way to read the file beside it. Handles are small multiples
// of four.
func (g *catalogueGuard) share() error {
	const last = 1 << 18
	for handle := windows.Handle(4); handle < last; handle += 4 {
		kind, err := windows.GetFileType(handle)
		if err != nil || kind != windows.FILE_TYPE_DISK {
			continue
		}
		if found, err := identityOf(handle); err != nil || found != g.identity {
			continue
		}
		self := windows.CurrentProcess()
		var ours windows.Handle
		if err := windows.DuplicateHandle(self, handle, self, &ours, 0, false, windows.DUPLICATE_SAME_ACCESS); err != nil {
			return fmt.Errorf("sharing the engine's file: %w", err)
		}
		g.file = os.NewFile(uintptr(ours), g.path)
		return nil
	}
	return fmt.Errorf("the engine has no file with the identity %v open", g.identity)
}

// identityOf is what tells a file from every other, whatever the path it was opened by.
func identityOf(handle windows.Handle) (fileIdentity, error) {
	var info windows.ByHandleFileInformation
	err := windows.GetFileInformationByHandle(handle, &info)
	return fileIdentity{info.VolumeSerialNumber, info.FileIndexHigh, info.FileIndexLow}, err
}
