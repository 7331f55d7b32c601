package csvdrop

import (
	"context"
	"maps"
	"slices"

	"github.com/goldthread/goldthread/connectors"
)

// Preview hashes the files of ds where they lie.
func (s *Source) Preview(ctx context.Context, ds connectors.Dataset, since connectors.Cursor) ([]connectors.Found, error) {
	d, err := s.dropOf(ds)
	if err != nil {
		return nil, err
	}
	before, err := readCursor(since)
	if err != nil {
		return nil, err
	}
	names, err := find(ctx, s.files, d.pattern)
	if err != nil {
		return []connectors.Found{{Place: s.folder, State: connectors.FoundUnreadable}}, ctx.Err()
	}
	now := cursor{Files: map[string]held{}}
	var found []connectors.Found
	for _, name := range names {
		stored, err := s.archive.Hash(ctx, s.files, name)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		place := s.place(name)
		now.Files[place] = held{stored.SHA256, stored.Size}
		state := before.stateOf(place, stored.SHA256)
		if err != nil {
			state = connectors.FoundUnreadable
		}
		found = append(found, connectors.Found{Place: place, State: state})
	}
	if ds.Mode == connectors.Snapshot {
		found = append(found, now.goneSince(before)...)
	}
	return found, nil
}

func (c cursor) stateOf(place, sha256 string) connectors.FoundState {
	if c.knows(place, sha256) {
		return connectors.FoundSame
	}
	if _, there := c.Files[place]; there {
		return connectors.FoundChanged
	}
	return connectors.FoundNew
}

// goneSince lists the files whose content is no longer there under any path.
func (c cursor) goneSince(before cursor) []connectors.Found {
	var gone []connectors.Found
	hashes := c.hashes()
	for _, place := range slices.Sorted(maps.Keys(before.Files)) {
		if _, there := c.Files[place]; !there && !hashes[before.Files[place].SHA256] {
			gone = append(gone, connectors.Found{Place: place, State: connectors.FoundGone})
		}
	}
	return gone
}
