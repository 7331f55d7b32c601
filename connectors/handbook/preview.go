package handbook

import (
	"context"
	"errors"

	"github.com/goldthread/goldthread/connectors"
)

// Preview hashes the files that ds is made of.
func (s *Source) Preview(ctx context.Context, ds connectors.Dataset, since connectors.Cursor) ([]connectors.Found, error) {
	t, err := s.tableOf(ds)
	if err != nil {
		return nil, err
	}
	files, err := s.gather(ctx, t, s.hash)
	var cannot *unreadable
	if errors.As(err, &cannot) {
		return []connectors.Found{{Place: cannot.extract.Place, State: connectors.FoundUnreadable}}, nil
	}
	if err != nil {
		return nil, err
	}
	before, now := former(since), newCursor(t, files)
	var found []connectors.Found
	for _, f := range files {
		if f.own {
			found = append(found, connectors.Found{Place: f.name, State: before.stateOf(f, now.Made)})
		}
	}
	for _, name := range now.gone(before) {
		found = append(found, connectors.Found{Place: name, State: connectors.FoundGone})
	}
	return found, nil
}

func (c cursor) stateOf(f file, made string) connectors.FoundState {
	switch sha256, there := c.Files[f.name]; {
	case !there:
		return connectors.FoundNew
	case sha256 != f.extract.SHA256:
		return connectors.FoundChanged
	case c.Made != made:
		return connectors.FoundAgain
	}
	return connectors.FoundSame
}
