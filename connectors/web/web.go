// Package web gets what a service answers over HTTPS, whole or not at all. Every kind of source that speaks HTTP uses it,
// so that retries, limits and what may be told of an address are settled once.
//
// An answer is written to a file as it comes and handed out when its last byte is there, so no rows are made of half an
// answer and memory does not grow with it. No error, note or place holds a query value, a header or user information: keys
// of public services travel in those.
package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/goldthread/goldthread/internal/fault"
)

// Limits of a client. What is not given is that of DefaultLimits.
type Limits struct {
	Tries    int           // of one request, the first included
	FirstGap time.Duration // before the second try; each gap after that is twice as long
	LongGap  time.Duration // the longest gap, and the longest that a service may ask for
	Quiet    time.Duration // without a byte, after which a try ends
	Try      time.Duration // the longest a try may take
	Bytes    int64         // of a body, as it travels and unpacked
}

// DefaultLimits suit a service that may need minutes for an answer.
var DefaultLimits = Limits{
	Tries: 5, FirstGap: time.Second, LongGap: 5 * time.Minute,
	Quiet: 2 * time.Minute, Try: 10 * time.Minute, Bytes: 512 << 20,
}

// A Client gets answers. It is safe for concurrent use.
type Client struct {
	limits Limits
	folder string
	// now and pause are the clock; tests set them.
	now   func() time.Time
	pause func(ctx context.Context, gap time.Duration) error
	wire  *http.Transport
}

// Options say how a client reaches its services.
type Options struct {
	Limits Limits
	// Folder takes answers while they arrive, as incoming-*.
	Folder string
	// Proxy is the council's, or nil.
	Proxy *url.URL
	// Loopback lets a stand-in on this machine be asked, without TLS too. No other private address ever is.
	Loopback bool
}

// New makes a client. It reaches nothing yet.
func New(options Options) *Client {
	return &Client{
		limits: options.Limits.orDefault(), folder: options.Folder,
		now: time.Now, pause: wait, wire: newWire(options),
	}
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits
	if l.Tries > 0 {
		d.Tries = l.Tries
	}
	if l.Bytes > 0 {
		d.Bytes = l.Bytes
	}
	for _, one := range []struct{ given, into *time.Duration }{
		{&l.FirstGap, &d.FirstGap}, {&l.LongGap, &d.LongGap}, {&l.Quiet, &d.Quiet}, {&l.Try, &d.Try},
	} {
		if *one.given > 0 {
			*one.into = *one.given
		}
	}
	return d
}

func wait(ctx context.Context, gap time.Duration) error {
	timer := time.NewTimer(gap)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// An Answer is a body that came whole, in a file that Close removes.
type Answer struct {
	Path    string
	Size    int64     // of the body, unpacked
	Wire    int64     // bytes that travelled, those of tries that failed included
	Date    time.Time // the service's clock; zero where it tells none
	Retried []string  // why earlier tries came to nothing
}

// Close removes the file.
func (a *Answer) Close() error { return os.Remove(a.Path) }

// A StatusError is an answer that is no success. Head is what its body begins with, for a kind to look into; it may hold
// anything and is never shown.
type StatusError struct {
	Status int
	Head   []byte
	after  string // Retry-After
}

func (e *StatusError) Error() string {
	switch e.Status {
	case http.StatusUnauthorized:
		return "the service does not know the key, or the key is not given (401)"
	case http.StatusForbidden:
		return "the service knows the key and refuses what was asked with it (403)"
	case http.StatusNotFound:
		return "the service has nothing under this address (404)"
	case http.StatusTooManyRequests:
		return "the service has been asked too often (429)"
	}
	if e.Status >= 500 {
		return fmt.Sprintf("the service is out of order (%d)", e.Status)
	}
	return fmt.Sprintf("the service answers with status %d", e.Status)
}

// GetJSON asks for a JSON document. The error is a *fault.Error whose place is the address without its query, marked as
// transient where a later try may succeed. It ends with the context.
func (c *Client) GetJSON(ctx context.Context, address string) (*Answer, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, &fault.Error{What: "the address of a request cannot be read", Fix: "correct url in the source's file"}
	}
	request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, &fault.Error{What: "the address of a request cannot be used", Fix: "correct url in the source's file"}
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Accept-Encoding", "gzip")
	request.Header.Set("User-Agent", "goldthread")
	a := &asking{Client: c}
	response, err := a.client().Do(request)
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body) // it has no body left: the file has it
		return &Answer{Path: a.path, Size: a.size, Wire: a.wired, Date: a.date, Retried: a.retried}, err
	}
	a.drop()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, a.explain(target, err)
}

// explain is the error of a request as a person reads it.
func (a *asking) explain(target *url.URL, err error) error {
	err = bare(err)
	told := &fault.Error{Where: Shown(target), What: plainly(err, target.Hostname()), Fix: fixOf(err), Err: err}
	if len(a.retried) > 0 {
		told.What += fmt.Sprintf("; it was tried %d times", len(a.retried)+1)
	}
	if fault.IsTransient(err) {
		return fault.Transient(told)
	}
	return told
}

// Shown is an address as it may be told: without query, fragment and user information.
func Shown(address *url.URL) string {
	return (&url.URL{Scheme: address.Scheme, Host: address.Host, Path: address.Path}).String()
}

// bare takes off what net/http puts around an error, as its text holds the address.
func bare(err error) error {
	var wrapped *url.Error
	for errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return err
}
