package sqldbtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// certify writes a certificate for 127.0.0.1 and its key, signed by itself, where a server's account finds them.
func certify(tb testing.TB, place, owner string) (cert, key string) {
	tb.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a council's own authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	public, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		tb.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		tb.Fatal(err)
	}
	cert, key = filepath.Join(place, "server.pem"), filepath.Join(place, "server.key")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: public}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			tb.Fatal(err)
		}
		give(tb, path, owner)
	}
	return cert, key
}

// freePort is a port on this machine that nothing listened on a moment ago.
func freePort(tb testing.TB) int {
	tb.Helper()
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer listen.Close()
	return listen.Addr().(*net.TCPAddr).Port
}

// StartPostgreSQLWithTLS starts a server that also listens on TCPPort of this machine, for accounts with a password and over
// TLS alone. Nobody knows its certificate but CAFile.
func StartPostgreSQLWithTLS(tb testing.TB) *Server {
	tb.Helper()
	return startPostgreSQL(tb, func(s *Server, data string) []string {
		cert, key := certify(tb, s.Host, "postgres")
		s.CAFile, s.TCPPort = cert, freePort(tb)
		rules := "local all all trust\nhostssl all all 127.0.0.0/8 scram-sha-256\n"
		// A setting of the file can be altered while the server runs, one of the command line cannot.
		for name, text := range map[string]string{"pg_hba.conf": rules, "postgresql.auto.conf": "ssl = on\n"} {
			if err := os.WriteFile(filepath.Join(data, name), []byte(text), 0o600); err != nil {
				tb.Fatal(err)
			}
		}
		s.Port = s.TCPPort
		return []string{"-c", "listen_addresses=127.0.0.1,127.0.0.2", "-c", "ssl_cert_file=" + cert, "-c", "ssl_key_file=" + key}
	})
}

// StartMariaDBWithTLS does the same with MariaDB.
func StartMariaDBWithTLS(tb testing.TB) *Server {
	tb.Helper()
	return startMariaDB(tb, func(s *Server, place string) []string {
		cert, key := certify(tb, place, "mysql")
		s.CAFile, s.TCPPort = cert, freePort(tb)
		return []string{"--bind-address=127.0.0.1,127.0.0.2", "--port=" + strconv.Itoa(s.TCPPort), "--ssl-cert=" + cert, "--ssl-key=" + key, "--require-secure-transport=on"}
	})
}
