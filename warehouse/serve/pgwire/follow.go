package pgwire

import (
	"context"
	"time"
)

// lookEvery is how often a server looks whether there is a new release.
const lookEvery = time.Second

// follow opens the engine of a new release before anybody asks for it, for the audiences that read the last one, so that the
// first reader does not wait while its catalogue is laid out. It ends with its context.
func (s *Server) follow(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	var seen int64
	for {
		if current, err := s.instances.releases.Current(); err == nil && current != seen {
			seen = current
			s.openAhead(ctx, current)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s *Server) openAhead(ctx context.Context, release int64) {
	for _, audience := range s.instances.audiences() {
		one, err := s.instances.acquire(ctx, audience, release)
		if err == nil {
			err = s.instances.giveBack(one)
		}
		if err != nil { // who asks is told
			s.Log.Warn().Err(err).Int64("release", release).Str("audience", audience).Msg("opening a release ahead failed")
		}
	}
}

// audiences are those of the engines that are open.
func (all *instances) audiences() []string {
	all.mu.Lock()
	defer all.mu.Unlock()
	seen := map[string]bool{}
	var audiences []string
	for key := range all.open {
		if !seen[key.audience] {
			seen[key.audience] = true
			audiences = append(audiences, key.audience)
		}
	}
	return audiences
}
