package web

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"

	"github.com/goldthread/goldthread/internal/fault"
)

// RoundTrip is one try: it returns when the whole body is in a file, so that an answer cut short is an error of the try
// and not of who reads it. It is an http.RoundTripper for the retry loop alone.
func (a *asking) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, w := a.watched(request.Context())
	defer w.stop()
	response, err := a.wire.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return nil, classed(ctx, err)
	}
	defer response.Body.Close()
	w.heard()
	if redirects(response) {
		return without(response), nil
	}
	if response.StatusCode != http.StatusOK {
		return nil, refusal(response)
	}
	if a.date, err = http.ParseTime(response.Header.Get("Date")); err != nil {
		a.date = a.now()
	}
	if err := a.keep(response, w); err != nil {
		return nil, classed(ctx, err)
	}
	return without(response), nil
}

func redirects(response *http.Response) bool {
	return response.StatusCode >= 300 && response.StatusCode < 400 && response.Header.Get("Location") != ""
}

// without is a response whose body has been dealt with.
func without(response *http.Response) *http.Response {
	bare := *response
	bare.Body = http.NoBody
	return &bare
}

// refusal is the error of a status, with what the body begins with.
func refusal(response *http.Response) error {
	const head = 4 << 10
	text, _ := io.ReadAll(io.LimitReader(response.Body, head)) // a hint at most
	err := &StatusError{Status: response.StatusCode, Head: text, after: response.Header.Get("Retry-After")}
	if mayPass(err.Status) {
		return fault.Transient(err)
	}
	return err
}

// keep writes a body to a file, within its limits and as text that can be JSON.
func (a *asking) keep(response *http.Response, w *watch) error {
	if err := declared(response.Header.Get("Content-Type")); err != nil {
		return err
	}
	if response.ContentLength > a.limits.Bytes {
		return tooLarge(a.limits.Bytes)
	}
	if err := os.MkdirAll(a.folder, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(a.folder, "incoming-*")
	if err != nil {
		return err
	}
	defer file.Close()
	a.path = file.Name()
	body, err := a.unpacked(response, w)
	if err != nil {
		return err
	}
	a.size, err = io.Copy(file, transform.NewReader(body, encoding.UTF8Validator))
	if errors.Is(err, encoding.ErrInvalidUTF8) {
		return &bodyError{"the answer is not text in UTF-8"}
	}
	if err != nil {
		return err
	}
	return begins(file)
}

// unpacked is a body as it was before it was packed. Both what travels and what comes of it are bounded.
func (a *asking) unpacked(response *http.Response, w *watch) (io.Reader, error) {
	var body io.Reader = &bounded{in: &counted{response.Body, w, &a.wired}, left: a.limits.Bytes, most: a.limits.Bytes}
	switch packing := response.Header.Get("Content-Encoding"); packing {
	case "", "identity":
		return body, nil
	case "gzip":
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		return &bounded{in: unpacked, left: a.limits.Bytes, most: a.limits.Bytes}, nil
	default:
		return nil, &bodyError{fmt.Sprintf("the answer is packed as %s, which was not asked for", quoted(packing))}
	}
}

// counted counts what travels and notes each sign of life.
type counted struct {
	in    io.Reader
	w     *watch
	total *int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	if n > 0 {
		c.w.heard()
		*c.total += int64(n)
	}
	return n, err
}

// bounded is an error past its bound, where io.LimitReader would be a silent end.
type bounded struct {
	in         io.Reader
	left, most int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, tooLarge(b.most)
	}
	return n, err
}

// A bodyError is a body that cannot be what was asked for. The same question would be answered alike.
type bodyError struct{ what string }

func (e *bodyError) Error() string { return e.what }

func tooLarge(most int64) error {
	return &bodyError{fmt.Sprintf("the answer is larger than the %d MB that are taken", most>>20)}
}

var errPage = &bodyError{"a web page came where data was asked for; it may be a sign-in page, or one of the council's own proxy"}

// declared judges what an answer says that it is.
func declared(contentType string) error {
	if contentType == "" {
		return nil
	}
	kind, more, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return &bodyError{fmt.Sprintf("the answer is of an unknown kind (%s)", quoted(contentType))}
	case kind == "text/html" || kind == "application/xhtml+xml":
		return errPage
	case kind != "application/json" && kind != "text/json" && kind != "text/plain" && !strings.HasSuffix(kind, "+json"):
		return &bodyError{fmt.Sprintf("the answer is of kind %s where JSON was asked for", quoted(kind))}
	}
	switch charset := strings.ToLower(more["charset"]); charset {
	case "", "utf-8", "utf8", "us-ascii":
		return nil
	default:
		return &bodyError{fmt.Sprintf("the answer is text in %s where UTF-8 was expected", quoted(charset))}
	}
}

// quoted is a word of a header. One that is longer than such words are is left out whole: a part of it could be a part of
// a key that nobody would know again.
func quoted(word string) string {
	const longest = 60
	if len(word) > longest {
		return "a word too long to be told"
	}
	return strconv.Quote(word)
}

// begins judges what an answer begins with: services call a page JSON, or nothing at all.
func begins(file *os.File) error {
	start := make([]byte, 512)
	n, err := file.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	text := strings.TrimLeft(strings.TrimPrefix(string(start[:n]), "\uFEFF"), " \t\r\n")
	switch {
	case text == "":
		return &bodyError{"the answer is empty"}
	case text[0] == '<':
		return errPage
	case text[0] != '{' && text[0] != '[':
		return &bodyError{"the answer is not JSON"}
	}
	return nil
}

// classed marks the errors of a try that may pass: those of the connection, and of time.
func classed(ctx context.Context, err error) error {
	var body *bodyError
	var path *os.PathError
	if cause := context.Cause(ctx); errors.Is(cause, errQuiet) || errors.Is(cause, errSlow) {
		return fault.Transient(cause)
	}
	if ctx.Err() != nil || errors.As(err, &body) || errors.As(err, &path) || lasting(err) {
		return err
	}
	return fault.Transient(err)
}
