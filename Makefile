# Everything that builds or runs Goldthread needs the tag duckdb_arrow; see README.md for the same lines without make.
TAGS := -tags duckdb_arrow
FUZZTIME ?= 20s
DEMO ?= demo

.PHONY: build demo test check fuzz clean

build:
	go build $(TAGS) -o bin/goldthread ./cmd/goldthread

demo: build
	./bin/goldthread demo $(DEMO)

test:
	./.ci/test $(FUZZTIME)

check:
	gofmt -l . | (! grep .)
	go vet $(TAGS) ./...

clean:
	rm -rf bin $(DEMO)
