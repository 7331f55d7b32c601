//go:build !duckdb_arrow

package duckdb

/*
#error "Goldthread needs the build tag duckdb_arrow. Build with: go build -tags duckdb_arrow ./cmd/goldthread (or: make build)"
*/
import "C"
