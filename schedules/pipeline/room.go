package pipeline

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/disk"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse"
)

// ErrNoRoom is behind the fault that a disk has too little room for a run, to begin it or to go on.
var ErrNoRoom = errors.New("the disk has too little room")

// A Room is what the disk of a warehouse has free, and what a run asks for.
type Room struct {
	State  string // the warehouse's folder
	Free   uint64
	Needed uint64 // to begin a run
}

// Enough says whether a run may begin.
func (r Room) Enough() bool { return r.Free >= r.Needed }

// RoomFor looks what room a run has. What does not fit into memory is put into the same folder.
func RoomFor(state string, settings council.Settings) (Room, error) {
	volume, err := disk.Of(state)
	if err != nil {
		return Room{}, err
	}
	needed, err := neededIn(state, settings.Warehouse.FreeBytes(), volume)
	return Room{State: state, Free: volume.Free, Needed: needed}, err
}

// littleRun is what a run of a small warehouse may write.
const littleRun = 512 << 20

// neededIn is what the settings say. Where they say nothing it is a fifth of the disk, or what a run writes at worst, if that is
// less: each table of the warehouse once more beside the old one while what cannot be spilled is, and a release beside the last.
// On a large disk that others share a fifth would stop runs that have room; twice the file is more than twice its largest table.
func neededIn(state string, set uint64, volume disk.Volume) (uint64, error) {
	if set > 0 {
		return set, nil
	}
	file, err := disk.Used(filepath.Join(state, "warehouse.duckdb"))
	if err != nil {
		return 0, err
	}
	releases := warehouse.NewReleases(state)
	current, err := releases.Current()
	if err != nil {
		return 0, err
	}
	release, err := disk.Used(filepath.Join(state, "releases", strconv.FormatInt(current, 10)))
	return min(volume.Size/5, 2*file+release+littleRun), err
}

// room refuses to begin a run for which the disk has too little room.
func (r *run) room() error {
	state := r.folder.StateFolder()
	if err := os.MkdirAll(state, 0o755); err != nil {
		return err
	}
	var err error
	if r.asked, err = RoomFor(state, r.folder.Settings); err != nil || r.asked.Enough() {
		return err
	}
	return r.asked.fault(r.asked.Needed, "the run has not begun, and readers see what they saw before")
}

// stillRoom ends a run that has used up most of the room it asked for, while there is enough left to note how it ended, for the
// audit log and for the ledger of schedules.
func (r *run) stillRoom() error {
	if r.asked.Needed == 0 { // loads that are measured by themselves
		return nil
	}
	volume, err := disk.Of(r.asked.State)
	if err != nil {
		return err
	}
	least := r.asked.Needed / 4
	if volume.Free >= least {
		return nil
	}
	now := Room{State: r.asked.State, Free: volume.Free}
	return now.fault(least, "the run was ended before the disk is full; what was loaded is kept, and readers see what they saw before")
}

func (r Room) fault(least uint64, become string) error {
	parts, err := disk.Parts(r.State)
	if err != nil {
		return err
	}
	var words []string
	for _, part := range parts[:min(len(parts), 6)] {
		words = append(words, disk.Words(part.Bytes)+" "+part.Name)
	}
	return &fault.Error{
		Where: r.State,
		What: fmt.Sprintf("the disk has too little room: %s are free, and %s must be; %s. This folder holds %s",
			disk.Words(r.Free), disk.Words(least), become, strings.Join(words, ", ")),
		Fix: "free space on this disk: goldthread prune removes what is past its time, keep: in goldthread.yaml says what that is, and backups belong on another disk. The next run goes by itself once there is room",
		Err: ErrNoRoom,
	}
}
