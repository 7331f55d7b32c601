package alarms

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/secrets"
)

// Deliver sends what waits and whose time has come. What could not be sent waits, longer each time, for a week at most.
func (d *Desk) Deliver(ctx context.Context) error {
	for _, l := range d.waiting() {
		sending, cancel := context.WithTimeout(ctx, d.patience)
		err := d.send(sending, l)
		cancel()
		if ctx.Err() != nil {
			return nil
		}
		if err := d.settle(l, err); err != nil {
			return err
		}
	}
	return nil
}

// waiting gives the messages to be sent now: none in the quiet hours, save to a file, which wakes nobody.
func (d *Desk) waiting() []letter {
	d.lock.Lock()
	defer d.lock.Unlock()
	now := d.Now()
	return slices.DeleteFunc(slices.Clone(d.state.Letters), func(l letter) bool {
		return l.Next.After(now) || d.quiet(now) && l.Channel != "file"
	})
}

func (d *Desk) quiet(now time.Time) bool {
	from, to, set := strings.Cut(d.Alerts.Quiet, "-")
	at := now.In(d.Zone).Format("15:04")
	switch {
	case !set:
		return false
	case from < to:
		return at >= from && at < to
	}
	return at >= from || at < to
}

// settle takes a message that was sent off the list, and one that was not waits for its next turn.
func (d *Desk) settle(l letter, failed error) error {
	d.lock.Lock()
	defer d.lock.Unlock()
	i := slices.IndexFunc(d.state.Letters, func(other letter) bool {
		return other.Channel == l.Channel && other.Subject == l.Subject && other.Written.Equal(l.Written) && slices.Equal(other.To, l.To)
	})
	if i < 0 {
		return nil
	}
	waits := &d.state.Letters[i]
	switch now := d.Now(); {
	case failed == nil:
		d.state.Letters = slices.Delete(d.state.Letters, i, i+1)
		d.Log.Info().Str("channel", l.Channel).Msg("an alarm was sent")
	case now.Sub(waits.Written) > longest:
		d.Log.Error().Str("channel", l.Channel).Str("why", failed.Error()).Msg("an alarm could not be sent for a week and is given up")
		d.state.Letters = slices.Delete(d.state.Letters, i, i+1)
	default:
		waits.Attempts++
		waits.Next = now.Add(min(time.Minute<<min(waits.Attempts-1, 6), time.Hour))
		d.Log.Warn().Str("channel", l.Channel).Str("why", failed.Error()).Int("attempts", waits.Attempts).Msg("an alarm could not be sent")
	}
	return d.save()
}

func (d *Desk) send(ctx context.Context, l letter) error {
	switch l.Channel {
	case "mail":
		return d.mail(ctx, l)
	case "file":
		return d.toFile(l)
	}
	i := slices.IndexFunc(d.Alerts.Webhooks, func(h council.Webhook) bool { return h.URLEnv == l.Channel })
	if i < 0 {
		return nil // it was taken out of the settings since
	}
	return d.post(ctx, d.Alerts.Webhooks[i], l)
}

// A Result is what came of a message to one channel.
type Result struct {
	Channel string
	Err     error
}

// Try sends one message to every channel and every owner, at once and whatever the hour.
func (d *Desk) Try(ctx context.Context) (results []Result) {
	letters := []letter{}
	if to := d.readers(d.Alerts.Owners.Keys()...); len(to) > 0 {
		letters = append(letters, letter{Channel: "mail", To: to})
	}
	for _, hook := range d.Alerts.Webhooks {
		letters = append(letters, letter{Channel: hook.URLEnv})
	}
	if d.Alerts.File != "" {
		letters = append(letters, letter{Channel: "file"})
	}
	for _, l := range letters {
		l.Subject, l.Written = d.Council+": a test of Goldthread's alerts", d.Now()
		l.Text = "This is how Goldthread will tell you when something needs attention. Nothing is wrong.\n"
		sending, cancel := context.WithTimeout(ctx, d.patience)
		results = append(results, Result{l.Channel, d.send(sending, l)})
		cancel()
	}
	return results
}

// id is what a message is known by. One that was sent when the program was killed is sent again, and has the same.
func (l letter) id() string {
	sum := sha256.Sum256(fmt.Append(nil, l.Written.UnixNano(), l.Channel, l.To, l.Subject))
	return hex.EncodeToString(sum[:12])
}

// toFile adds a message as a line, unless the file ends with it: then the program was killed before it was noted as sent.
func (d *Desk) toFile(l letter) error {
	file, err := os.OpenFile(d.within(d.Alerts.File), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o640)
	if err != nil {
		return err
	}
	line := fmt.Sprintf("%s %s: %s\n", l.Written.In(d.Zone).Format(time.RFC3339), l.Subject, strings.Join(strings.Fields(l.Text), " "))
	if !endsWith(file, line) {
		_, err = io.WriteString(file, line)
	}
	return errors.Join(err, file.Sync(), file.Close())
}

func endsWith(file *os.File, text string) bool {
	info, err := file.Stat()
	if err != nil || info.Size() < int64(len(text)) {
		return false
	}
	last := make([]byte, len(text))
	_, err = file.ReadAt(last, info.Size()-int64(len(text)))
	return err == nil && string(last) == text
}

func (d *Desk) mail(ctx context.Context, l letter) error {
	message := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := errors.Join(message.From(d.Alerts.Mail.From), message.To(l.To...)); err != nil {
		return err
	}
	message.Subject(l.Subject)
	message.SetDateWithValue(l.Written)
	message.SetMessageIDWithValue(l.id() + "@goldthread")
	message.SetBodyString(mail.TypeTextPlain, l.Text)
	client, err := d.mailClient()
	if err != nil {
		return err
	}
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		return errors.New(d.blank(err.Error()))
	}
	return nil
}

// blank takes the password of the mail account out of words that hold the server's own.
func (d *Desk) blank(words string) string {
	return secrets.Known{d.Getenv(d.Alerts.Mail.PasswordEnv)}.Blank(words)
}

func (d *Desk) mailClient() (*mail.Client, error) {
	m := d.Alerts.Mail
	host, port, err := net.SplitHostPort(m.Server)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	secured, err := d.trust(host)
	if err != nil {
		return nil, err
	}
	options := []mail.Option{mail.WithPort(number), mail.WithTimeout(d.patience), mail.WithTLSConfig(secured)}
	switch m.TLS {
	case "off":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	case "tls":
		options = append(options, mail.WithSSL())
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if m.User != "" {
		password := d.Getenv(m.PasswordEnv)
		if password == "" {
			return nil, fmt.Errorf("the variable %s, which should hold the password of the mail account, is not set", m.PasswordEnv)
		}
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.User), mail.WithPassword(password))
	}
	return mail.NewClient(host, options...)
}

// trust says whose certificates the mail server may show.
func (d *Desk) trust(host string) (*tls.Config, error) {
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if d.Alerts.Mail.CAFile == "" {
		return config, nil
	}
	text, err := os.ReadFile(d.within(d.Alerts.Mail.CAFile))
	if err != nil {
		return nil, err
	}
	if config.RootCAs, err = x509.SystemCertPool(); err != nil {
		config.RootCAs = x509.NewCertPool()
	}
	if !config.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate", d.Alerts.Mail.CAFile)
	}
	return config, nil
}

// within gives a path of the settings, which is within the council's folder unless it is absolute.
func (d *Desk) within(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(d.Root, name)
}

// post sends a message to a webhook: as Teams takes it, or as plain JSON.
func (d *Desk) post(ctx context.Context, hook council.Webhook, l letter) error {
	var body any = struct {
		ID      string    `json:"id"`
		Council string    `json:"council"`
		Subject string    `json:"subject"`
		Text    string    `json:"text"`
		Written time.Time `json:"written"`
	}{l.id(), d.Council, l.Subject, l.Text, l.Written}
	if hook.Form == "teams" {
		body = teamsCard(l)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return d.ask(ctx, hook.URLEnv, http.MethodPost, text)
}

// teamsCard is a message as a workflow of Microsoft Teams takes it: an adaptive card.
func teamsCard(l letter) any {
	type object map[string]any
	return object{
		"type": "message",
		"attachments": []object{{
			"contentType": "application/vnd.microsoft.card.adaptive",
			"content": object{
				"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
				"body": []object{
					{"type": "TextBlock", "text": l.Subject, "weight": "Bolder", "wrap": true},
					{"type": "TextBlock", "text": l.Text, "wrap": true},
				},
			},
		}},
	}
}

// Ping tells a watch outside that all is well: one that hears nothing for a while knows that nobody is at work here.
func (d *Desk) Ping(ctx context.Context) {
	if d.Alerts.PingEnv == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, d.patience)
	defer cancel()
	if err := d.ask(ctx, d.Alerts.PingEnv, http.MethodGet, nil); err != nil && ctx.Err() == nil {
		d.Log.Warn().Str("channel", d.Alerts.PingEnv).Str("why", err.Error()).Msg("the watch outside could not be told that all is well")
	}
}

// ask sends a request to the address that a variable holds. The address is a secret: no error tells it.
func (d *Desk) ask(ctx context.Context, variable, method string, body []byte) error {
	address := d.Getenv(variable)
	if address == "" {
		return fmt.Errorf("the variable %s, which should hold the address, is not set", variable)
	}
	target, err := url.Parse(address)
	if err != nil || target.Host == "" || target.Scheme != "https" && !local(target) {
		return fmt.Errorf("what the variable %s holds is not an address that begins with https://", variable)
	}
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("what the variable %s holds is not an address", variable)
	}
	request.Header.Set("Content-Type", "application/json")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("the server at %s: %w", target.Host, ofTheLine(err))
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)) // so that the connection can be used again
	if response.StatusCode >= 300 {
		return fmt.Errorf("the server at %s answers %d %s", target.Host, response.StatusCode, http.StatusText(response.StatusCode))
	}
	return nil
}

// ofTheLine is what kept an answer from coming. Where a server came to answer, its words may hold the address, and are left out.
func ofTheLine(err error) error {
	var line *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &line):
		return line
	case errors.As(err, &certificate):
		return certificate
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	}
	return errors.New("its answer cannot be read")
}

func local(target *url.URL) bool {
	ip := net.ParseIP(target.Hostname())
	return ip != nil && ip.IsLoopback()
}
