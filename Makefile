# Everything that builds or runs Goldthread needs the tag duckdb_arrow; see README.md for the same lines without make.
TAGS := -tags duckdb_arrow
FUZZTIME ?= 2s
DEMO ?= demo
N ?= 1000
SEED ?= $(shell date +%s)
MINUTES ?= 10

.PHONY: build windows demo test kills soak check fuzz clean

build:
	go build $(TAGS) -o bin/goldthread ./cmd/goldthread

windows:
	./.ci/windows bin/goldthread.exe

demo: build
	./bin/goldthread demo $(DEMO)

test:
	./.ci/test $(FUZZTIME)

# A long campaign at random moments: make kills N=1000 SEED=7. It prints the seed, with which it can be repeated.
kills: SHELL := bash
kills:
	set -o pipefail; go test $(TAGS) ./cmd/goldthread -run TestAKillAtARandomMoment -count 1 -timeout 10h -v -kills $(N) -seed $(SEED) \
		| grep -vE '^(=== |[[:space:]]*--- PASS)'

# Runs back to back with faults, readers and backups for a while: does anything grow that should not? make soak MINUTES=480
soak: SHELL := bash
soak:
	set -o pipefail; go test $(TAGS) ./cmd/goldthread -run TestNothingGrowsOverTime -count 1 -timeout 24h -v -soak $(MINUTES)m -seed $(SEED) \
		| grep -vE '^(=== |[[:space:]]*--- PASS)'

check:
	gofmt -l . | (! grep .)
	go vet $(TAGS) ./...

clean:
	rm -rf bin $(DEMO)
