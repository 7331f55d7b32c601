// Command corpus reads a folder of damaged CSV files with the reader and converters of csvdrop and writes what came of
// each, in the form that the folder's score.py reads.
//
//	go run ./internal/corpus -corpus DIR -out RESULTS.jsonl
//
// The folder holds contracts/*.json, files/ and expected.jsonl, of which only the facts an operator declares are used.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("corpus", flag.ContinueOnError)
	folder := flags.String("corpus", "internal/corpus/testdata/council", "folder of contracts, files and expected.jsonl")
	out := flags.String("out", "", "file to write the results to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *out == "" || flags.NArg() > 0 {
		return fmt.Errorf("corpus takes -corpus DIR and -out RESULTS.jsonl")
	}
	results, err := read(ctx, *folder)
	if err != nil {
		return err
	}
	if err := write(*out, results); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "corpus: %d files read into %s\n", len(results), *out)
	return nil
}

func write(path string, results []result) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(file)
	lines := json.NewEncoder(buffered)
	for _, r := range results {
		if err := lines.Encode(r); err != nil {
			file.Close()
			return err
		}
	}
	if err := buffered.Flush(); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
