package transforms

import (
	"embed"
	"io/fs"
)

//go:embed models
var models embed.FS

// Models are the models that the program comes with.
func Models() Folder {
	folder, err := fs.Sub(models, "models")
	if err != nil {
		panic(err) // the name is a constant
	}
	return Folder{FS: folder, Path: "transforms/models"}
}
