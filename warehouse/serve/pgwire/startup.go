package pgwire

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/goldthread/goldthread/warehouse/serve/accounts"
)

// errCancelRequest says that a connection only asked for another's statement to be stopped.
var errCancelRequest = errors.New("cancel request")

// begin takes a connection through TLS, sign-in and the choice of a release to a session. It gives none for a cancel request.
func (s *Server) begin(ctx context.Context, w *wire) (*session, error) {
	if err := w.SetReadDeadline(s.Now().Add(s.Limits.SignIn)); err != nil {
		return nil, err
	}
	w.backend.SetMaxBodyLen(16 << 10) // of messages before the client is known
	parameters, err := s.greet(ctx, w)
	if errors.Is(err, errCancelRequest) {
		return nil, nil
	}
	if err != nil {
		return nil, s.refuseStart(ctx, w, err)
	}
	one, err := s.admit(ctx, w, parameters)
	if err != nil {
		return nil, s.refuseStart(ctx, w, err)
	}
	w.backend.SetMaxBodyLen(s.Limits.Message)
	if err := w.SetReadDeadline(time.Time{}); err != nil {
		return nil, err
	}
	one.welcome()
	return one, nil
}

func (s *Server) refuseStart(ctx context.Context, w *wire, err error) error {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		w.fatal(refusal)
		return err
	}
	var gone net.Error
	if !errors.As(err, &gone) {
		// What is wrong with the server is for its log.
		w.fatal(refuse(codeProtocol, "the connection could not be started"))
		s.Log.Info().Err(err).Msg("start of a session failed")
	}
	return err
}

// greet reads messages up to the one that starts a session, laying TLS over the connection where it is asked for.
func (s *Server) greet(ctx context.Context, w *wire) (map[string]string, error) {
	encrypted := false
	for range 3 { // GSS, TLS, start
		message, err := w.backend.ReceiveStartupMessage()
		if err != nil {
			return nil, err
		}
		switch m := message.(type) {
		case *pgproto3.GSSEncRequest:
			_, err = w.Write([]byte("N"))
		case *pgproto3.SSLRequest:
			if encrypted {
				return nil, refuse(codeProtocol, "the connection is encrypted already")
			}
			encrypted, err = s.encrypt(ctx, w)
		case *pgproto3.CancelRequest:
			s.cancel(m.ProcessID, m.SecretKey)
			return nil, errCancelRequest
		case *pgproto3.StartupMessage:
			if s.TLS != nil && !encrypted {
				return nil, refuse(codeNoSignIn, "this server wants an encrypted connection").hint("set sslmode=require, or verify-full with the council's certificate")
			}
			negotiate(w, m)
			return m.Parameters, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, refuse(codeProtocol, "the connection was not started")
}

// encrypt answers a request for TLS and says whether there is any now.
func (s *Server) encrypt(ctx context.Context, w *wire) (bool, error) {
	if s.TLS == nil {
		_, err := w.Write([]byte("N"))
		return false, err
	}
	if _, err := w.Write([]byte("S")); err != nil {
		return false, err
	}
	config := s.TLS.Clone()
	config.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		shown, err := s.TLS.GetCertificate(hello)
		if err == nil {
			w.binding = bindingOf(shown.Leaf)
		}
		return shown, err
	}
	secure := tls.Server(w.watched, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		return false, err
	}
	w.Conn = secure
	// A new reader: what a client sent in clear behind its request must not be taken as sent under TLS.
	w.backend = pgproto3.NewBackend(w, nil)
	w.backend.SetMaxBodyLen(16 << 10)
	return true, nil
}

// negotiate tells a client that asks for more than protocol 3.0 that this is what is spoken.
func negotiate(w *wire, m *pgproto3.StartupMessage) {
	var unknown []string
	for name := range m.Parameters {
		if strings.HasPrefix(name, "_pq_.") {
			unknown = append(unknown, name)
		}
	}
	if m.ProtocolVersion != pgproto3.ProtocolVersion30 || unknown != nil {
		w.send(&pgproto3.NegotiateProtocolVersion{NewestMinorProtocol: 0, UnrecognizedOptions: unknown})
	}
}

// admit signs the client in and gives it a place, an engine and a session.
func (s *Server) admit(ctx context.Context, w *wire, parameters map[string]string) (*session, error) {
	settings, err := startSettings(parameters, s.Engine.TimeZone)
	if err != nil {
		return nil, err
	}
	if parameters["replication"] != "" && parameters["replication"] != "false" {
		return nil, refuse(codeNotSupported, "there is no replication from this server")
	}
	account := parameters["user"]
	verifier, err := s.signIn(w, account)
	if err != nil {
		return nil, err
	}
	select {
	case s.places <- struct{}{}:
	default:
		return nil, refuse(codeTooMany, "too many connections: %d are open", s.Limits.Connections)
	}
	one, err := s.open(ctx, w, account, verifier.Audience, settings)
	if err != nil {
		<-s.places
		return nil, err
	}
	return one, nil
}

// signIn proves that the client knows a secret of the account.
func (s *Server) signIn(w *wire, account string) (accounts.Verifier, error) {
	from := addressOf(w)
	verifier := s.Accounts.Verifier(account)
	proof, err := s.exchange(w, verifier)
	if err == nil || errors.Is(err, errScramSecret) {
		if !s.Accounts.Answer(account, from, err == nil) {
			err = errScramSecret
		}
	}
	entry := Entry{At: s.Now(), Account: account, From: from, Audience: verifier.Audience, Action: "sign-in", Outcome: "ok"}
	if err != nil {
		entry.Outcome, entry.Audience = codeSecret, ""
	}
	if auditErr := s.Audit.Append(entry); auditErr != nil {
		return verifier, errors.Join(err, auditErr)
	}
	if errors.Is(err, errScramSecret) {
		return verifier, refuse(codeSecret, "password authentication failed for user %q", account).hint("the secret is wrong, or the account is unknown, expired or blocked for some minutes")
	}
	if err == nil {
		w.send(&pgproto3.AuthenticationSASLFinal{Data: []byte(proof)})
		w.send(&pgproto3.AuthenticationOk{})
	}
	return verifier, err
}

func addressOf(w *wire) string {
	host, _, err := net.SplitHostPort(w.RemoteAddr().String())
	if err != nil {
		return w.RemoteAddr().String()
	}
	return host
}

// exchange plays SCRAM up to the client's proof and gives the server's own, which is yet to be sent.
func (s *Server) exchange(w *wire, verifier accounts.Verifier) (string, error) {
	offered := []string{scramName}
	if w.binding != nil {
		offered = []string{scramPlus, scramName}
	}
	w.send(&pgproto3.AuthenticationSASL{AuthMechanisms: offered})
	if err := w.flush(); err != nil {
		return "", err
	}
	exchange := scram{verifier: verifier, binding: w.binding}
	first, err := receiveSASL[*pgproto3.SASLInitialResponse](w, pgproto3.AuthTypeSASL)
	if err != nil {
		return "", err
	}
	if !slices.Contains(offered, first.AuthMechanism) {
		return "", refuse(codeNoSignIn, "the way to sign in is %s", scramName)
	}
	exchange.plus = first.AuthMechanism == scramPlus
	answer, err := exchange.first(string(first.Data), newScramNonce())
	if err != nil {
		return "", refuse(codeProtocol, "%v", err)
	}
	w.send(&pgproto3.AuthenticationSASLContinue{Data: []byte(answer)})
	if err := w.flush(); err != nil {
		return "", err
	}
	last, err := receiveSASL[*pgproto3.SASLResponse](w, pgproto3.AuthTypeSASLContinue)
	if err != nil {
		return "", err
	}
	proof, err := exchange.final(string(last.Data))
	if errors.Is(err, errScramForm) {
		return "", refuse(codeProtocol, "%v", err)
	}
	return proof, err
}

func receiveSASL[M pgproto3.FrontendMessage](w *wire, step uint32) (message M, err error) {
	if err := w.backend.SetAuthType(step); err != nil {
		return message, err
	}
	received, err := w.backend.Receive()
	if err != nil {
		return message, err
	}
	message, fits := received.(M)
	if !fits {
		return message, refuse(codeProtocol, "the sign-in was left")
	}
	return message, nil
}

// open gives a client that has signed in its session.
func (s *Server) open(ctx context.Context, w *wire, account, audience string, settings settings) (*session, error) {
	release, err := s.asked(settings)
	if err != nil {
		return nil, err
	}
	instance, err := s.instances.acquire(ctx, audience, release)
	if errors.Is(err, errNoRelease) {
		return nil, errNoRelease
	}
	if err != nil {
		s.Log.Error().Err(err).Str("audience", audience).Msg("opening a release failed")
		return nil, refuse(codeNoRelease, "the release cannot be opened").hint("goldthread releases lists those that are kept")
	}
	conn, err := instance.connect(context.WithoutCancel(ctx), account)
	if err != nil {
		return nil, errors.Join(err, s.instances.giveBack(instance))
	}
	zone, err := time.LoadLocation(s.Engine.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	one := &session{
		server: s, wire: w, conn: conn, instance: instance, account: account, audience: audience, zone: zone,
		settings: settings, begun: s.Now(), statements: map[string]*prepared{}, portals: map[string]*portal{},
	}
	s.register(one)
	return one, nil
}

// asked is the release that a session asks for, by number or name; 0 for the current one.
func (s *Server) asked(settings settings) (int64, error) {
	release, err := s.Releases.Find(settings["goldthread.release"])
	if err != nil {
		s.Log.Warn().Err(err).Msg("a release that was asked for was not found")
		return 0, refuse(codeNoRelease, "there is no release %q", settings["goldthread.release"]).hint("goldthread releases lists those that are kept")
	}
	return release, nil
}
