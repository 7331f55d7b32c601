package pgwire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// TrialDays is how long a trial's certificate is good for.
const TrialDays = 90

// TrialCertificate gives a TLS configuration with a certificate of our own making, for the names of this machine, and the
// file it is in. It stays the same from start to start until it runs out, so that a client may be told to trust it; clients
// that check who they speak to, such as Power BI, refuse it until then.
func TrialCertificate(folder string, now time.Time, names ...string) (config *tls.Config, file string, err error) {
	file, key := filepath.Join(folder, "trial-certificate.pem"), filepath.Join(folder, "trial-key.pem")
	if !isGood(file, key, now, names) {
		if err := writeSelfSigned(file, key, now, names); err != nil {
			return nil, "", err
		}
	}
	config, err = CertificateFiles(file, key)
	return config, file, err
}

// isGood says whether a pair of files holds a certificate for all the names that does not run out within a day.
func isGood(file, key string, now time.Time, names []string) bool {
	pair, err := tls.LoadX509KeyPair(file, key)
	if err != nil || pair.Leaf.NotAfter.Before(now.Add(24*time.Hour)) {
		return false
	}
	for _, name := range names {
		if pair.Leaf.VerifyHostname(name) != nil {
			return false
		}
	}
	return true
}

func writeSelfSigned(file, key string, now time.Time, names []string) error {
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "Goldthread trial"},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(0, 0, TrialDays),
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
	der, err := x509.CreateCertificate(rand.Reader, template, template, secret.Public(), secret)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		return err
	}
	return errors.Join(writePEM(key, "PRIVATE KEY", private), writePEM(file, "CERTIFICATE", der))
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
