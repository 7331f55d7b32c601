package sqldb

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/neterr"
	"github.com/goldthread/goldthread/internal/secrets"
)

// A refusal says why what was found cannot be taken, in words for the people who know the source.
type refusal struct{ reason string }

func (r *refusal) Error() string { return r.reason }

func refuse(format string, args ...any) error { return &refusal{fmt.Sprintf(format, args...)} }

// A problem is what kept a reading from being whole.
type problem struct {
	words   string
	passes  bool // it may, by itself
	refused bool // by the contract, and not by the source
}

// explain says what an error means, with *** where somebody's words hold the password.
func (r *reading) explain(err error) problem {
	p := r.meaning(err)
	p.words = secrets.Known{r.secret.Reveal()}.Blank(p.words)
	return p
}

// meaning is what an error means. What a server says itself is passed on by the dialect alone, where it cannot hold a value.
func (r *reading) meaning(err error) problem {
	var refused *refusal
	var told *fault.Error
	switch {
	case errors.As(err, &refused):
		return problem{words: refused.reason, passes: fault.IsTransient(err), refused: !fault.IsTransient(err)}
	case errors.As(err, &told):
		return problem{words: oneLine(told)}
	}
	if r.line.silent.Load() {
		return problem{words: "the server fell silent", passes: true}
	}
	if words, passes := r.dialect.explain(err); words != "" {
		return problem{words: words, passes: passes}
	}
	return r.ofTheNetwork(err)
}

func oneLine(f *fault.Error) string {
	text := f.What
	if f.Where != "" {
		text = f.Where + ": " + text
	}
	if f.Fix != "" {
		text += "; " + f.Fix
	}
	return text
}

// ofTheNetwork explains what lies between us and the server.
func (r *reading) ofTheNetwork(err error) problem {
	var netError net.Error
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case isCertificate(err):
		return problem{words: "the server's certificate is not trusted: " + certificateWords(err) + "; name the council's own authority in ca_file"}
	case errors.As(err, &dns) && dns.IsNotFound:
		return problem{words: fmt.Sprintf("there is no host %q; correct host", r.config.Host)}
	case errors.As(err, &netError) && netError.Timeout(), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return problem{words: "the server fell silent", passes: true}
	case neterr.Refused(err):
		return problem{words: "nothing listens there: the server is down, or host or port is wrong", passes: true}
	case isCut(err), errors.As(err, &op):
		return problem{words: "the connection was cut", passes: true}
	}
	return problem{words: "the server's answer cannot be read: " + firstLine(err)}
}

// noTLS is what to do where a server cannot encrypt, which each driver says in its own way.
const noTLS = "the server offers no encrypted connection; have a certificate put on it, or set tls: off where nobody else can listen"

// isCut says whether a connection ended before its time. Drivers wrap what the network said, or say it in words.
func isCut(err error) bool {
	for _, cut := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
		if errors.Is(err, cut) {
			return true
		}
	}
	return neterr.Cut(err)
}

func isCertificate(err error) bool {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &unknown) || errors.As(err, &host) || errors.As(err, &invalid)
}

func certificateWords(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, "x509: "); i >= 0 {
		text = text[i+len("x509: "):]
	}
	return text
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
