// Package council reads goldthread.yaml, what a council says of itself and of where its warehouse is.
package council

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/goldthread/goldthread/internal/areas"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// File is the name of the settings' file in a council's folder.
const File = "goldthread.yaml"

// Settings are what goldthread.yaml says.
type Settings struct {
	Name         string    `yaml:"name"`         // as reports write it
	Organisation string    `yaml:"organisation"` // GSS code of the council that reports
	TimeZone     string    `yaml:"time_zone"`    // in which schedules and dates are meant
	Warehouse    Warehouse `yaml:"warehouse"`
	Parallel     Parallel  `yaml:"parallel"`
	Audiences    Audiences `yaml:"audiences"`
	Serve        Serve     `yaml:"serve"`
	Alerts       Alerts    `yaml:"alerts"`
	Keep         Keep      `yaml:"keep"`
}

// Parallel says how many datasets may be read at the same time.
type Parallel struct {
	InAll   int `yaml:"in_all"`   // whatever server they are of
	PerHost int `yaml:"per_host"` // of one server; of a folder where a source reads files
}

// Warehouse says where state is kept and what the engine may use.
type Warehouse struct {
	Folder      string `yaml:"folder"`       // absolute, or within the council's folder
	MemoryLimit string `yaml:"memory_limit"` // of a run, such as 2GB
	Threads     int    `yaml:"threads"`      // of the engine; the machine's processors where nothing is said, 4 at most
	FreeDisk    string `yaml:"free_disk"`    // that a run asks for before it begins; empty where it is to reckon that itself
}

// Default is what holds where the file says nothing.
func Default() Settings {
	return Settings{
		TimeZone:  "Europe/London",
		Warehouse: Warehouse{Folder: ".goldthread", MemoryLimit: "1GB", Threads: min(runtime.NumCPU(), 4)},
		Parallel:  Parallel{InAll: 4, PerHost: 1},
		Audiences: Audiences{{Text: Staff}},
		Serve:     defaultServe(),
		Keep:      Keep{Archive: "90 days", Quarantine: "90 days", Logs: "14 days", Audit: "24 months"},
	}
}

// Load reads the settings of the council's folder, and gives all that is wrong with them.
func Load(folder string) (Settings, error) {
	path := filepath.Join(folder, File)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return Settings{}, &fault.Error{
			Where: path,
			What:  "there is no council's folder here",
			Fix:   "name the folder with -C DIR, or make one: goldthread init DIR, or with example data: goldthread demo DIR",
			Err:   err,
		}
	}
	if err != nil {
		return Settings{}, err
	}
	return Parse(text)
}

// Parse reads the settings that the text of goldthread.yaml says. See Load.
func Parse(text []byte) (Settings, error) {
	settings := Default()
	positions, err := strictyaml.Decode(File, text, &settings)
	if errors.Is(err, strictyaml.ErrSyntax) {
		return settings, err
	}
	faults := append(fault.List(err), fault.List(settings.Validate(positions.Where))...)
	return settings, fault.Join(faults...)
}

// mostParallel bounds how many batches wait in memory for the engine, which stores one load at a time.
const mostParallel = 32

// Validate names all that is wrong; where gives the place of a setting.
func (s Settings) Validate(where func(string) string) error {
	var faults []error
	wrong := func(setting, what, fix string) {
		faults = append(faults, &fault.Error{Where: where(setting), What: what, Fix: fix})
	}
	if s.Name == "" {
		wrong("name", "the council has no name", "add a line such as: name: Trafford Council")
	}
	if !areas.IsCode(s.Organisation) {
		wrong("organisation", fmt.Sprintf("organisation is %q, which is not a GSS code", s.Organisation), "write the council's code, such as E08000009")
	}
	if _, err := time.LoadLocation(s.TimeZone); err != nil || s.TimeZone == "" {
		wrong("time_zone", fmt.Sprintf("there is no time zone %q", s.TimeZone), "write Europe/London")
	}
	if s.Warehouse.Folder == "" {
		wrong("warehouse.folder", "the warehouse has no folder", "leave the setting out, or name a folder")
	}
	if !memorySize.MatchString(s.Warehouse.MemoryLimit) {
		wrong("warehouse.memory_limit", fmt.Sprintf("%q is not an amount of memory", s.Warehouse.MemoryLimit), "write it like 1GB or 512MB")
	}
	if s.Warehouse.FreeDisk != "" && !memorySize.MatchString(s.Warehouse.FreeDisk) {
		wrong("warehouse.free_disk", fmt.Sprintf("%q is not an amount", s.Warehouse.FreeDisk), "write it like 20GB, or leave the setting out")
	}
	if s.Warehouse.Threads < 1 {
		wrong("warehouse.threads", "the engine needs at least one thread", "write 1 or more")
	}
	if s.Parallel.InAll < 1 || s.Parallel.InAll > mostParallel {
		wrong("parallel.in_all", fmt.Sprintf("%d datasets cannot be read at the same time", s.Parallel.InAll), fmt.Sprintf("write a number from 1 to %d", mostParallel))
	}
	if s.Parallel.PerHost < 1 || s.Parallel.PerHost > mostParallel {
		wrong("parallel.per_host", fmt.Sprintf("%d datasets of a host cannot be read at the same time", s.Parallel.PerHost), fmt.Sprintf("write a number from 1 to %d", mostParallel))
	}
	s.Serve.validate(wrong)
	s.Audiences.validate(wrong)
	s.Alerts.validate(wrong)
	s.Keep.validate(wrong)
	return fault.Join(faults...)
}

// FreeBytes is what FreeDisk says, which Validate has found to be an amount; 0 where it says nothing.
func (w Warehouse) FreeBytes() uint64 { return uint64(bytesOf(w.FreeDisk)) }

// Location is the council's time zone, which Validate has found to exist.
func (s Settings) Location() *time.Location {
	location, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return time.UTC
	}
	return location
}
