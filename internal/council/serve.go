package council

import (
	"fmt"
	"net"
	"strconv"
	"time"
)

// Serve says how tools that read releases over the network are answered.
type Serve struct {
	Listen           string `yaml:"listen"`            // host:port
	Certificate      string `yaml:"certificate"`       // PEM file, absolute or within the council's folder; none for a trial
	Key              string `yaml:"key"`               // PEM file of the certificate's key
	MemoryLimit      string `yaml:"memory_limit"`      // of each release and audience that is being read
	DiskLimit        string `yaml:"disk_limit"`        // of what does not fit into the memory
	Threads          int    `yaml:"threads"`           // of each engine
	Connections      int    `yaml:"connections"`       // at once
	Statements       int    `yaml:"statements"`        // at once; more wait their turn
	StatementTimeout string `yaml:"statement_timeout"` // after which a statement is ended
	Results          string `yaml:"results"`           // streamed as they are made, or whole: made before their first row is sent
	Web              Web    `yaml:"web"`
}

// Web says where browsers and monitors are answered.
type Web struct {
	Listen string `yaml:"listen"` // host:port, or off
}

// Off stands in the place of an address where nobody is to be answered.
const Off = "off"

// PageAddress is where the status page is unless the settings say otherwise.
const PageAddress = "127.0.0.1:8430"

// How answers are sent.
const (
	Streamed = "streamed"
	Whole    = "whole"
)

func defaultServe() Serve {
	return Serve{Listen: "127.0.0.1:5432", MemoryLimit: "1GB", DiskLimit: "4GB", Threads: 2, Connections: 50, Statements: 4, StatementTimeout: "10m", Results: Streamed, Web: Web{PageAddress}}
}

// Timeout is how long a statement may take; Validate has found it to be one.
func (s Serve) Timeout() time.Duration {
	d, _ := time.ParseDuration(s.StatementTimeout)
	return d
}

func (s Serve) validate(wrong func(setting, what, fix string)) {
	if !isAddress(s.Listen) {
		wrong("serve.listen", fmt.Sprintf("%q is not an address to listen on", s.Listen), "write host:port, such as 127.0.0.1:5432 for this machine alone or 0.0.0.0:5432 for the network")
	}
	if s.Web.Listen != Off && !isAddress(s.Web.Listen) {
		wrong("serve.web.listen", fmt.Sprintf("%q is not an address to listen on", s.Web.Listen), "write host:port, such as "+PageAddress+" for this machine alone, or off for no status page")
	}
	if (s.Certificate == "") != (s.Key == "") {
		wrong("serve.certificate", "a certificate and its key belong together", "name both files, or neither for a trial")
	}
	for name, amount := range map[string]string{"memory_limit": s.MemoryLimit, "disk_limit": s.DiskLimit} {
		if !memorySize.MatchString(amount) {
			wrong("serve."+name, fmt.Sprintf("%q is not an amount", amount), "write it like 1GB or 512MB")
		}
	}
	for name, n := range map[string]int{"threads": s.Threads, "connections": s.Connections, "statements": s.Statements} {
		if n < 1 || n > 1000 {
			wrong("serve."+name, fmt.Sprintf("%d is not a number from 1 to 1000", n), "leave the setting out, or write such a number")
		}
	}
	if s.Results != Streamed && s.Results != Whole {
		wrong("serve.results", fmt.Sprintf("results is %q", s.Results), "write streamed, or whole to have answers made before their first row is sent")
	}
	if s.Timeout() < time.Second {
		wrong("serve.statement_timeout", fmt.Sprintf("%q is not a time of a second or more", s.StatementTimeout), "write it like 30s or 10m")
	}
}

func isAddress(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return false
	}
	n, err := strconv.Atoi(port)
	return err == nil && n >= 0 && n <= 65535
}
