package pgwire

import (
	"crypto"
	_ "crypto/sha256" // the hashes that certificates are signed with
	_ "crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/goldthread/goldthread/internal/fault"
)

// serverTLS is TLS 1.2 for Npgsql 4, which Power BI uses, and 1.3 for all others.
func serverTLS(certificate func() (*tls.Certificate, error)) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		// A session that is resumed shows no certificate, to which a sign-in could be bound.
		SessionTicketsDisabled: true,
		GetCertificate:         func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return certificate() },
	}
}

// bindingOf is the hash of a certificate by RFC 5929, and none for one that is signed in a way without a hash of its own.
func bindingOf(certificate *x509.Certificate) []byte {
	if certificate == nil {
		return nil
	}
	var hash crypto.Hash
	switch certificate.SignatureAlgorithm {
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.MD5WithRSA, x509.SHA256WithRSA, x509.ECDSAWithSHA256, x509.SHA256WithRSAPSS:
		hash = crypto.SHA256
	case x509.SHA384WithRSA, x509.ECDSAWithSHA384, x509.SHA384WithRSAPSS:
		hash = crypto.SHA384
	case x509.SHA512WithRSA, x509.ECDSAWithSHA512, x509.SHA512WithRSAPSS:
		hash = crypto.SHA512
	default:
		return nil
	}
	sum := hash.New()
	sum.Write(certificate.Raw)
	return sum.Sum(nil)
}

// CertificateFiles gives a TLS configuration with the council's certificate. Where a file changes, the next connection has
// the new certificate; one that cannot be read leaves the old one in use.
func CertificateFiles(certFile, keyFile string) (*tls.Config, error) {
	files := &certificateFiles{cert: certFile, key: keyFile}
	if _, err := files.current(); err != nil {
		return nil, err
	}
	return serverTLS(files.current), nil
}

type certificateFiles struct {
	cert, key string
	mu        sync.Mutex
	loaded    *tls.Certificate
	changed   [2]time.Time
}

func (f *certificateFiles) current() (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var changed [2]time.Time
	for i, path := range []string{f.cert, f.key} {
		if info, err := os.Stat(path); err == nil {
			changed[i] = info.ModTime()
		}
	}
	if f.loaded != nil && changed == f.changed {
		return f.loaded, nil
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil && f.loaded != nil {
		return f.loaded, nil
	}
	if err != nil {
		return nil, &fault.Error{Where: f.cert, What: fmt.Sprintf("this is no certificate with the key in %s (%v)", f.key, err),
			Fix: "name the PEM files of the certificate, with those of its issuers below it, and of its key", Err: err}
	}
	f.loaded, f.changed = &pair, changed
	return f.loaded, nil
}
