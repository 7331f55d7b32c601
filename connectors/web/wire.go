package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// newWire is the transport of a client. It verifies certificates, and no setting turns that off.
func newWire(options Options) *http.Transport {
	wire := &http.Transport{
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    30 * time.Second,
		IdleConnTimeout:        time.Minute,
		DisableCompression:     true, // we unpack, to bound what comes of it
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
	}
	dialer := &net.Dialer{Timeout: 30 * time.Second, Control: guard(options.Loopback)}
	if options.Proxy != nil { // who the proxy may reach is the proxy's to say
		wire.Proxy = http.ProxyURL(options.Proxy)
		dialer.Control = nil
	}
	wire.DialContext = dialer.DialContext
	return wire
}

// errPrivate is a service that turns out to stand on an address that is nobody's or our own.
var errPrivate = errors.New("the address belongs to this machine or to a private network, and the source's file does not allow that")

// guard looks at the address that a name came to, so that no name and no redirect leads into the council's own network.
func guard(loopback bool) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %w", errPrivate, err)
		}
		ip := at.Addr().Unmap()
		if ip.IsLoopback() && loopback {
			return nil
		}
		if !ip.IsGlobalUnicast() || ip.IsPrivate() || sharedSpace.Contains(ip) {
			return errPrivate
		}
		return nil
	}
}

// sharedSpace is what providers share behind their own network.
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// mostRedirects is more than a service in order needs.
const mostRedirects = 5

// A redirectError is a redirect that is not followed.
type redirectError struct{ what string }

func (e *redirectError) Error() string { return e.what }

// sameHost follows redirects within a service and nowhere else: a key in the query goes to nobody else.
func sameHost(next *http.Request, before []*http.Request) error {
	if len(before) > mostRedirects {
		return &redirectError{"the service sends us from one address to the next without end"}
	}
	return sameService(before[0].URL, next.URL)
}

func sameService(from, to *url.URL) error {
	if to.Scheme != from.Scheme || to.Host != from.Host {
		return &redirectError{fmt.Sprintf("the service sends us to another host (%s), where the key must not go", to.Hostname())}
	}
	return nil
}

// watched ends a try that takes too long or that falls silent. The cause of its context says which.
func (c *Client) watched(ctx context.Context) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watch{quiet: c.limits.Quiet, cancel: cancel}
	w.silence = time.AfterFunc(c.limits.Quiet, func() { cancel(errQuiet) })
	w.whole = time.AfterFunc(c.limits.Try, func() { cancel(errSlow) })
	return ctx, w
}

var (
	errQuiet = errors.New("the service fell silent in the middle of its answer")
	errSlow  = errors.New("the answer came too slowly to be waited for")
)

type watch struct {
	quiet          time.Duration
	cancel         context.CancelCauseFunc
	silence, whole *time.Timer
}

// heard notes that a byte came.
func (w *watch) heard() { w.silence.Reset(w.quiet) }

func (w *watch) stop() {
	w.silence.Stop()
	w.whole.Stop()
	w.cancel(nil)
}
