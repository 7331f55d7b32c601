package footprint

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Limit puts a process into a job of its own, of which the system refuses it more memory than this, and which it ends when this program
// does. What it gives is to be called when the process has ended.
func Limit(process int, bytes int64) (done func(), err error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, fmt.Errorf("making a job for process %d: %w", process, err)
	}
	if err := limitIn(job, process, bytes); err != nil {
		return nil, errors.Join(fmt.Errorf("limiting the memory of process %d: %w", process, err), windows.CloseHandle(job))
	}
	return func() { _ = windows.CloseHandle(job) }, nil
}

func limitIn(job windows.Handle, process int, bytes int64) error {
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_PROCESS_MEMORY | windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	limits.ProcessMemoryLimit = uintptr(bytes)
	_, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err != nil {
		return err
	}
	handle, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(process))
	if err != nil {
		return err
	}
	return errors.Join(windows.AssignProcessToJobObject(job, handle), windows.CloseHandle(handle))
}

// Held is not told here: the limit holds.
func Held(int) (int64, error) { return 0, errors.ErrUnsupported }
