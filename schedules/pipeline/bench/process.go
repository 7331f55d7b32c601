package bench

import (
	"fmt"
	"os"
	"strings"
)

// forgetPeakOf begins a new reckoning of the most memory a process held; elsewhere than on Linux it does nothing.
func forgetPeakOf(process int) {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", process), []byte("5"), 0)
}

// peakMiBOf is the most memory that a process held; 0 where the system does not tell.
func peakMiBOf(process int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		return 0
	}
	var kilobytes float64
	if _, after, found := strings.Cut(string(text), "VmHWM:"); found {
		fmt.Sscan(after, &kilobytes)
	}
	return kilobytes / 1024
}

// ticksASecond is how finely Linux tells processor time.
const ticksASecond = 100

// processorSeconds is how long processors worked for a process; 0 where the system does not tell.
func processorSeconds(process int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), ") ") // the name may hold anything
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0
	}
	var user, system float64
	fmt.Sscan(fields[11], &user)
	fmt.Sscan(fields[12], &system)
	return (user + system) / ticksASecond
}
