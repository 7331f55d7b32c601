package pgwire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"os"
	"sync"
	"time"

	"github.com/goldthread/goldthread/internal/fault"
)

// serverTLS is TLS 1.2 for Npgsql 4, which Power BI uses, and 1.3 for all others.
func serverTLS(certificate func() (*tls.Certificate, error)) *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return certificate() },
	}
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

// SelfSigned makes a certificate for trials, for the names of this machine. Clients that check who they speak to, such as
// Power BI, refuse it.
func SelfSigned(now time.Time, names ...string) (*tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "Goldthread trial"},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(0, 0, 30),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return serverTLS(func() (*tls.Certificate, error) { return certificate, nil }), nil
}
