package council

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"

	"github.com/goldthread/goldthread/internal/strictyaml"
)

// Alerts say who is told when something goes wrong, and how.
type Alerts struct {
	// To are the mail addresses that are told of everything.
	To strictyaml.Texts `yaml:"to"`
	// Owners are those of the owners that contracts name, who are told of what they send.
	Owners   strictyaml.Map[strictyaml.Texts] `yaml:"owners"`
	Mail     Mail                             `yaml:"mail"`
	Webhooks []Webhook                        `yaml:"webhooks"`
	File     string                           `yaml:"file"`     // a line each is written there; within the council's folder unless absolute
	Quiet    string                           `yaml:"quiet"`    // such as 19:00-07:00: what happens then is told when it ends
	PingEnv  string                           `yaml:"ping_env"` // variable with an address that is asked while all is well
}

// Mail is the server that takes mail.
type Mail struct {
	Server      string `yaml:"server"`       // host:port
	TLS         string `yaml:"tls"`          // starttls, tls or off
	User        string `yaml:"user"`         // who signs in; none where the server asks for none
	PasswordEnv string `yaml:"password_env"` // variable with the password
	From        string `yaml:"from"`         // address that messages come from
	CAFile      string `yaml:"ca_file"`      // authority to trust beside those of the system; within the council's folder unless absolute
}

// A Webhook is an address that takes messages over HTTPS. The address is a secret, so a variable holds it.
type Webhook struct {
	URLEnv string `yaml:"url_env"` // variable with the address
	Form   string `yaml:"form"`    // teams or json
}

var (
	hostAndPort = regexp.MustCompile(`^[A-Za-z0-9.-]+:[0-9]{1,5}$`)
	timesOfDay  = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$`)
	variable    = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`) // in capitals, so that a secret in its place is not taken for a name
)

// validate names all that is wrong.
func (a Alerts) validate(wrong func(setting, what, fix string)) {
	addresses := slices.Clone(a.To)
	for _, owner := range a.Owners {
		addresses = append(addresses, owner.Value...)
	}
	for _, address := range addresses {
		if _, err := mail.ParseAddress(address); err != nil {
			wrong("alerts", fmt.Sprintf("%q is not a mail address", address), "write it like performance@council.gov.uk")
		}
	}
	if len(addresses) > 0 {
		a.Mail.validate(wrong)
	}
	for i, hook := range a.Webhooks {
		setting := fmt.Sprintf("alerts.webhooks[%d]", i)
		if !variable.MatchString(hook.URLEnv) {
			wrong(setting, "the variable that holds the webhook's address is not named", "add url_env: TEAMS_URL, and set that variable where Goldthread runs")
		}
		if hook.Form != "teams" && hook.Form != "json" {
			wrong(setting, fmt.Sprintf("form is %q", hook.Form), "write teams or json")
		}
	}
	if a.PingEnv != "" && !variable.MatchString(a.PingEnv) {
		wrong("alerts.ping_env", "ping_env is not the name of a variable", "write one in capitals, such as HEARTBEAT_URL, and put the address into that variable")
	}
	if a.Quiet != "" && !timesOfDay.MatchString(a.Quiet) {
		wrong("alerts.quiet", fmt.Sprintf("%q is not a time from one hour to another", a.Quiet), "write it like 19:00-07:00")
	}
}

func (m Mail) validate(wrong func(setting, what, fix string)) {
	if !hostAndPort.MatchString(m.Server) {
		wrong("alerts.mail", "the mail server is not written as host:port", "add mail: {server: \"smtp.council.gov.uk:587\", from: goldthread@council.gov.uk}")
	}
	if _, err := mail.ParseAddress(m.From); err != nil {
		wrong("alerts.mail", fmt.Sprintf("from is %q, which is not a mail address", m.From), "write the address that messages come from, such as goldthread@council.gov.uk")
	}
	if m.TLS != "" && m.TLS != "starttls" && m.TLS != "tls" && m.TLS != "off" {
		wrong("alerts.mail", fmt.Sprintf("tls is %q", m.TLS), "write starttls (the default), tls, or off for a server that takes mail in clear without a password")
	}
	if (m.User == "") != (m.PasswordEnv == "") {
		wrong("alerts.mail", "user and password_env belong together", "write both, or neither for a server that asks for none")
	}
	if m.PasswordEnv != "" && !variable.MatchString(m.PasswordEnv) {
		wrong("alerts.mail", "password_env is not the name of a variable", "write one in capitals, such as MAIL_PASSWORD, and put the password into that variable")
	}
	if m.TLS == "off" && m.User != "" {
		wrong("alerts.mail", "a password would be sent in clear", "use tls: starttls or tls: tls, or leave user and password_env out")
	}
}
