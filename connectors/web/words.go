package web

import (
	"compress/gzip"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/goldthread/goldthread/internal/neterr"
)

// lasting are errors of the connection that no second try mends.
func lasting(err error) bool {
	var certificate *tls.CertificateVerificationError
	var name *net.DNSError
	return errors.As(err, &certificate) || errors.Is(err, errPrivate) || errors.Is(err, gzip.ErrHeader) ||
		errors.As(err, &name) && name.IsNotFound
}

// plainly says what went wrong in our own words only: the texts of others may hold an address with its key.
func plainly(err error, host string) string {
	var (
		status   *StatusError
		body     *bodyError
		redirect *redirectError
		late     *gaveUp
		disk     *os.PathError
	)
	switch {
	case errors.As(err, &late):
		return plainly(late.cause, host) + "; " + late.why.Error()
	case errors.As(err, &status):
		return status.Error()
	case errors.As(err, &body):
		return body.Error()
	case errors.As(err, &redirect):
		return redirect.Error()
	case errors.As(err, &disk):
		return "the answer cannot be kept on disk: " + disk.Err.Error()
	default:
		return ofTheLine(err, host)
	}
}

// ofTheLine says what went wrong with a connection.
func ofTheLine(err error, host string) string {
	var certificate *tls.CertificateVerificationError
	var name *net.DNSError
	switch {
	case errors.Is(err, errQuiet), errors.Is(err, errSlow), errors.Is(err, errPrivate):
		for _, known := range []error{errQuiet, errSlow, errPrivate} {
			if errors.Is(err, known) {
				return known.Error()
			}
		}
	case errors.As(err, &certificate):
		return fmt.Sprintf("the certificate of %s is not to be trusted: it is not the host's, has run out, or its issuer is unknown here", host)
	case errors.As(err, &name):
		return "the host's name cannot be looked up"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the answer was cut short"
	case neterr.Refused(err):
		return "nothing answers at the host's port"
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return "the answer is damaged: it cannot be unpacked"
	}
	return "the connection to the service broke"
}

// fixOf is what a person may do, where we know.
func fixOf(err error) string {
	var status *StatusError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &status) && (status.Status == http.StatusUnauthorized || status.Status == http.StatusForbidden):
		return "check the key in the place that the source's file names, and whether it has run out"
	case errors.As(err, &status) && status.Status == http.StatusNotFound:
		return "check url and what is asked for in the source's file"
	case errors.As(err, &certificate):
		return "ask the service's keeper and your network team; the check of certificates cannot be switched off"
	case errors.Is(err, errPage):
		return "open the address in a browser on this machine; a proxy may have to be named or to let it through"
	}
	return ""
}
