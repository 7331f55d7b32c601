// Package deploy holds what the program is installed with; its tests hold those files to their rules.
package deploy

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const theProgram = "/usr/local/bin/goldthread"

// An instruction is one of a Dockerfile, with what follows its first word.
type instruction struct{ word, rest string }

// instructions are those of a Dockerfile, without comments; a line that ends in a backslash goes on in the next.
func instructions(text string) (list []instruction) {
	text = strings.ReplaceAll(text, "\\\n", " ")
	for line := range strings.Lines(text) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word != "" && !strings.HasPrefix(word, "#") {
			list = append(list, instruction{strings.ToUpper(word), strings.TrimSpace(rest)})
		}
	}
	return list
}

// imageFaults names what an image may not be: of a base that changes unseen, with a shell, or run by root.
func imageFaults(text string) (faults []string) {
	list := instructions(text)
	last := 0
	for i, one := range list {
		if one.word != "FROM" {
			continue
		}
		last = i
		if base, _, _ := strings.Cut(one.rest, " "); !strings.Contains(base, "@sha256:") && (!strings.Contains(base, ":") || strings.HasSuffix(base, ":latest")) {
			faults = append(faults, "the base "+base+" is neither pinned nor tagged")
		}
	}
	return append(faults, finalFaults(list[last:])...)
}

// finalFaults are those of the stage that becomes the image.
func finalFaults(final []instruction) (faults []string) {
	if !strings.Contains(final[0].rest, "distroless") {
		faults = append(faults, "the image holds more than the program needs")
	}
	user := ""
	for _, one := range final {
		switch one.word {
		case "RUN", "ADD":
			faults = append(faults, one.word+" wants a shell, or fetches something")
		case "COPY":
			if !strings.HasPrefix(one.rest, "--from=build ") {
				faults = append(faults, "something is copied that was not built")
			}
		case "USER":
			user = one.rest
		case "CMD", "ENTRYPOINT":
			if !strings.HasPrefix(one.rest, "[") {
				faults = append(faults, one.word+" would be run by a shell")
			}
		}
	}
	if name, _, _ := strings.Cut(user, ":"); name == "" || name == "0" || name == "root" {
		faults = append(faults, "it is run by root")
	}
	if !slices.ContainsFunc(final, func(i instruction) bool {
		return i.word == "HEALTHCHECK" && strings.Contains(i.rest, `CMD ["`+theProgram+`"`)
	}) {
		faults = append(faults, "the program does not look after its own health")
	}
	return faults
}

func TestTheImageHoldsTheProgramAloneAndRunsAsNobody(t *testing.T) {
	text := read(t, "Dockerfile")
	if faults := imageFaults(text); len(faults) > 0 {
		t.Error(faults)
	}
	for name, change := range map[string][2]string{
		"the base changes unseen": {":nonroot", ":latest"},
		"root":                    {"USER 65532:65532", "USER root"},
		"a shell":                 {`ENTRYPOINT ["` + theProgram + `"]`, "ENTRYPOINT " + theProgram},
		"a step in the image":     {"WORKDIR /council", "RUN mkdir /council"},
		"a whole system":          {"gcr.io/distroless/cc-debian12:nonroot", "debian:12"},
		"no health":               {"HEALTHCHECK", "# HEALTHCHECK"},
		"what was not built":      {"COPY --from=build /goldthread", "COPY bin/goldthread"},
	} {
		if faults := imageFaults(changed(t, text, change)); len(faults) == 0 {
			t.Errorf("%s is not found", name)
		}
	}
}

// A composed file is what is looked at in compose.yaml.
type composed struct {
	Services map[string]serviceOf `yaml:"services"`
}

type serviceOf struct {
	Image       string   `yaml:"image"`
	User        string   `yaml:"user"`
	ReadOnly    bool     `yaml:"read_only"`
	Privileged  bool     `yaml:"privileged"`
	CapDrop     []string `yaml:"cap_drop"`
	CapAdd      []string `yaml:"cap_add"`
	SecurityOpt []string `yaml:"security_opt"`
	MemLimit    string   `yaml:"mem_limit"`
	PidsLimit   int      `yaml:"pids_limit"`
	Tmpfs       []string `yaml:"tmpfs"`
	Ports       []string `yaml:"ports"`
	Command     []string `yaml:"command"`
	NetworkMode string   `yaml:"network_mode"`
	Healthcheck struct {
		Test []string `yaml:"test"`
	} `yaml:"healthcheck"`
}

// composeFaults names what a service may not be.
func composeFaults(text string) (faults []string) {
	var file composed
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		return []string{err.Error()}
	}
	if len(file.Services) != 2 {
		faults = append(faults, "schedule and serve are not two services")
	}
	for name, s := range file.Services {
		for what, holds := range map[string]bool{
			"the image has no tag of its own":         strings.Contains(s.Image, ":") && !strings.HasSuffix(s.Image, ":latest"),
			"it is run by root":                       s.User != "" && !strings.HasPrefix(s.User, "0") && !strings.HasPrefix(s.User, "root"),
			"its file system can be written":          s.ReadOnly,
			"it keeps rights of root":                 !s.Privileged && slices.Equal(s.CapDrop, []string{"ALL"}) && len(s.CapAdd) == 0,
			"it may gain rights":                      slices.Contains(s.SecurityOpt, "no-new-privileges:true"),
			"its memory has no limit":                 s.MemLimit != "",
			"its processes have no limit":             s.PidsLimit > 0,
			"its temporary folder has no limit":       len(s.Tmpfs) == 1 && strings.Contains(s.Tmpfs[0], "size="),
			"other machines reach it unasked":         !slices.ContainsFunc(s.Ports, func(p string) bool { return !strings.HasPrefix(p, "127.0.0.1:") }) && s.NetworkMode == "",
			"the program does not look after it":      len(s.Healthcheck.Test) > 1 && s.Healthcheck.Test[1] == theProgram,
			"it is not the command that it is called": len(s.Command) > 0 && s.Command[0] == name,
		} {
			if !holds {
				faults = append(faults, fmt.Sprintf("%s: %s", name, what))
			}
		}
	}
	return faults
}

func TestTheServicesAreShutInAndLimited(t *testing.T) {
	text := read(t, "compose.yaml")
	if faults := composeFaults(text); len(faults) > 0 {
		t.Error(faults)
	}
	for name, change := range map[string][2]string{
		"the newest image":     {"image: goldthread:1", "image: goldthread:latest"},
		"root":                 {`user: "65532:65532"`, `user: "0:0"`},
		"a writable root":      {"read_only: true", "read_only: false"},
		"a right of root":      {"cap_drop: [ALL]", "cap_drop: [NET_RAW]"},
		"new rights":           {"no-new-privileges:true", "no-new-privileges:false"},
		"no limit of memory":   {"mem_limit: 2g", "# none"},
		"no limit of /tmp":     {"/tmp:size=256m,", "/tmp:"},
		"an open port":         {`ports: ["127.0.0.1:5432:5432"]`, `ports: ["5432:5432"]`},
		"no health":            {"[CMD, " + theProgram + ", serve, check", "[CMD, /bin/true, serve, check"},
		"another command":      {"command: [serve,", "command: [up,"},
		"no limit of programs": {"pids_limit: 256", "pids_limit: 0"},
	} {
		if faults := composeFaults(changed(t, text, change)); len(faults) == 0 {
			t.Errorf("%s is not found", name)
		}
	}
}

// changed is a text with one thing in it changed.
func changed(t *testing.T, text string, change [2]string) string {
	t.Helper()
	if n := strings.Count(text, change[0]); n != 1 {
		t.Fatalf("%q stands %d times in it", change[0], n)
	}
	return strings.Replace(text, change[0], change[1], 1)
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
