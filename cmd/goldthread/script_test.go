package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(withPrograms{m}, map[string]func(){
		"goldthread": func() { os.Exit(run(context.Background(), os.Args, os.Stdout, os.Stderr, os.Getenv)) },
	})
}

// TestCommands runs the program as its users do. Each script finds the small council's folder at $WORK/council.
func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			return os.CopyFS(filepath.Join(env.WorkDir, "council"), os.DirFS(filepath.Join("testdata", "small")))
		},
		RequireExplicitExec: true,
	})
}
