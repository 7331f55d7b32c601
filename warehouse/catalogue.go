package warehouse

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/zeebo/xxh3"
)

// The engine's file begins with three pages of 4 KiB, of which the second and third are two headers that take turns: the one
// written last names the state of the file. Blocks follow.
const (
	headerBegin = 4 << 10
	blocksBegin = 12 << 10
	blockSize   = 256 << 10
)

// A catalogueGuard keeps a copy of the blocks of the file that the engine's checkpoints write in place, those of its
// catalogue, as they stand under the present headers. A checkpoint that a kill cuts short between two pages of such a block
// leaves one that fits no checksum; what the present headers need of it has not changed, and the copy puts it back. Every
// other block is written beside the old ones.
type catalogueGuard struct {
	path     string   // of the copy
	file     *os.File // the warehouse's; closing it would give up the engine's own lock, so it is closed after the engine
	headers  []byte   // under which the copy was made; nil where there is none
	identity fileIdentity
}

// A fileIdentity tells a file from every other of the machine, on Windows: its volume and the two halves of its number.
type fileIdentity [3]uint32

func guardPath(folder string) string { return filepath.Join(folder, "warehouse.duckdb.catalogue") }

// newCatalogueGuard puts back the blocks of a checkpoint that was cut short. The engine must not have opened the file yet.
func newCatalogueGuard(folder string) (*catalogueGuard, error) {
	file, err := os.OpenFile(pathIn(folder), os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	g := &catalogueGuard{path: guardPath(folder), file: file}
	if err := g.restore(); err != nil {
		return nil, errors.Join(fmt.Errorf("putting back what a checkpoint left half written: %w", err), file.Close())
	}
	return g, nil
}

// restore writes the copied blocks, if the file still has the headers under which they were copied. A copy that is not whole
// was cut short itself, and no checkpoint had begun.
func (g *catalogueGuard) restore() error {
	text, err := os.ReadFile(g.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	headers, err := g.present()
	if err != nil {
		return err
	}
	const record = 8 + blockSize
	end := len(text) - 8
	whole := end >= len(headers) && (end-len(headers))%record == 0 && binary.LittleEndian.Uint64(text[end:]) == xxh3.Hash(text[:end])
	if !whole || !bytes.Equal(headers, text[:len(headers)]) {
		return os.Remove(g.path)
	}
	for at := len(headers); at < end; at += record {
		id := int64(binary.LittleEndian.Uint64(text[at:]))
		if _, err := g.file.WriteAt(text[at+8:at+record], blocksBegin+id*blockSize); err != nil {
			return err
		}
	}
	if err := g.file.Sync(); err != nil {
		return err
	}
	return os.Remove(g.path)
}

// present reads the headers.
func (g *catalogueGuard) present() ([]byte, error) {
	headers := make([]byte, blocksBegin-headerBegin)
	_, err := g.file.ReadAt(headers, headerBegin)
	return headers, err
}

// copy copies blocks as they stand under the headers.
func (g *catalogueGuard) copy(headers []byte, blocks []int64) error {
	text := bytes.NewBuffer(bytes.Clone(headers))
	for _, id := range blocks {
		text.Write(binary.LittleEndian.AppendUint64(nil, uint64(id)))
		block := make([]byte, blockSize)
		if _, err := g.file.ReadAt(block, blocksBegin+id*blockSize); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		text.Write(block)
	}
	text.Write(binary.LittleEndian.AppendUint64(nil, xxh3.Hash(text.Bytes())))
	if err := g.write(text.Bytes()); err != nil {
		return err
	}
	g.headers = headers
	return nil
}

// write writes the copy so that it outlasts a power cut.
func (g *catalogueGuard) write(content []byte) error {
	file, err := os.Create(g.path)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// close gives the guard up. The copy stays: it is of no use once the engine has closed the file without an error.
func (g *catalogueGuard) close() error {
	if g.file == nil { // the engine never opened it
		return nil
	}
	return g.file.Close()
}

// GuardCatalogue makes sure that a checkpoint, which the engine may begin at any commit, can be cut short: see
// catalogueGuard. It costs a look at two pages where no checkpoint has been made since it was last asked.
func (w *Warehouse) GuardCatalogue(ctx context.Context) error {
	headers, err := w.catalogue.present()
	if err != nil || bytes.Equal(headers, w.catalogue.headers) {
		return err
	}
	rows, err := w.conn.QueryContext(ctx, "select block_id from pragma_metadata_info() where block_id >= 0 order by block_id")
	if err != nil {
		return fmt.Errorf("listing the blocks of the catalogue: %w", err)
	}
	defer rows.Close()
	var blocks []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		blocks = append(blocks, id)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if err := w.catalogue.copy(headers, blocks); err != nil {
		return fmt.Errorf("copying the blocks of the catalogue: %w", err)
	}
	return nil
}
