package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/goldthread/goldthread/internal/fault"
)

// An asking is one request with all its tries.
type asking struct {
	*Client
	path    string // of the file that the body of the last try went to
	size    int64
	wired   int64
	date    time.Time
	retried []string
	gap     time.Duration // before the next try
}

// client is the retry loop of one request: what may pass is tried again, after a gap of our own choosing.
func (a *asking) client() *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient: &http.Client{Transport: a, CheckRedirect: sameHost},
		RetryMax:   a.limits.Tries - 1,
		CheckRetry: a.again,
		Backoff:    func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return 0 }, // again has waited
		ErrorHandler: func(_ *http.Response, err error, _ int) (*http.Response, error) {
			return nil, err
		},
	}
}

// again says whether to try once more, and has then waited. It never waits past the deadline of the context: what could
// not be begun before it is an error now.
func (a *asking) again(ctx context.Context, _ *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err == nil || !fault.IsTransient(err) || len(a.retried)+1 >= a.limits.Tries {
		return false, err
	}
	gap, late := a.gapAfter(err)
	if late == nil {
		if deadline, bound := ctx.Deadline(); bound && a.now().Add(gap).After(deadline) {
			late = fmt.Errorf("the time of this run ends before the service may be asked again, in %s", gap)
		}
	}
	if late != nil {
		return false, fault.Transient(&gaveUp{late, bare(err)})
	}
	a.retried = append(a.retried, plainly(bare(err), ""))
	a.drop()
	return true, a.pause(ctx, gap)
}

// A gaveUp is an error that may pass, but not soon enough.
type gaveUp struct{ why, cause error }

func (g *gaveUp) Error() string { return g.cause.Error() + "; " + g.why.Error() }
func (g *gaveUp) Unwrap() error { return g.cause }

// gapAfter is how long to wait: what the service asks for, or twice as long as last time. A service that asks for longer
// than the longest gap is taken at its word: it is not asked again in this run.
func (a *asking) gapAfter(err error) (time.Duration, error) {
	if a.gap = a.gap * 2; a.gap == 0 {
		a.gap = a.limits.FirstGap
	}
	a.gap = min(a.gap, a.limits.LongGap)
	var status *StatusError
	if !errors.As(err, &status) || status.after == "" {
		return a.gap, nil
	}
	asked, known := a.retryAfter(status.after)
	switch {
	case !known:
		return a.gap, nil
	case asked > a.limits.LongGap:
		return 0, fmt.Errorf("it asks to be left alone for longer than the %s that a run waits; the next run tries again", a.limits.LongGap)
	}
	return max(asked, 0), nil
}

// retryAfter reads seconds or a date. A number too large for any clock is the longest time there is.
func (a *asking) retryAfter(text string) (time.Duration, bool) {
	const longest = time.Duration(1<<63 - 1)
	text = strings.TrimSpace(text)
	seconds, err := strconv.ParseInt(text, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) || err == nil && seconds > int64(longest/time.Second):
		return longest, true
	case err == nil:
		return time.Duration(seconds) * time.Second, seconds >= 0
	}
	at, err := http.ParseTime(text)
	return at.Sub(a.now()), err == nil
}

// drop removes the body of a try that came to nothing.
func (a *asking) drop() {
	if a.path != "" {
		os.Remove(a.path)
		a.path = ""
	}
}

// mayPass says whether a status may be another one soon.
func mayPass(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
