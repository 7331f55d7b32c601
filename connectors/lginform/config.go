package lginform

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/web"
	"github.com/goldthread/goldthread/internal/areas"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// Config is the settings of a source of kind lginform.
type Config struct {
	// Source is the name of the source, by which runs select it.
	Source string `yaml:"source"`
	// Kind is lginform.
	Kind string `yaml:"kind"`
	// URL is the service's address.
	URL string `yaml:"url"`
	// ApplicationKeyEnv is the variable of the environment, in capitals, that holds the key, or the token where it signs in alone.
	ApplicationKeyEnv string `yaml:"application_key_env"`
	// ApplicationKeyFile is a file that holds it, in the place of a variable.
	ApplicationKeyFile string `yaml:"application_key_file"`
	// SecretEnv is the variable that holds the secret which signs for a key.
	SecretEnv string `yaml:"secret_env"`
	// SecretFile is a file that holds it, in the place of a variable.
	SecretFile string `yaml:"secret_file"`
	// Signature says how a signature is written into an address: escaped or raw.
	Signature string `yaml:"signature"`
	// Proxy is the council's, such as http://proxy.council.example:8080.
	Proxy string `yaml:"proxy"`
	// AllowLoopback is for a stand-in on this machine, and lets it be asked without TLS.
	AllowLoopback bool `yaml:"allow_loopback"`
	// MetricTypesPerCall is how many metric types are asked for at once.
	MetricTypesPerCall int `yaml:"metric_types_per_call"`
	// Allowance is how much data may be taken with the council's key. A run that may go beyond it asks no more, and says so.
	Allowance Allowance `yaml:"allowance"`
	// Datasets are what is read.
	Datasets []Settings `yaml:"datasets"`
}

// Settings are those of one dataset. Columns, key and mode follow from what it reads.
type Settings struct {
	connectors.Contract
	// Reads is what the dataset holds: values, metric_types, area_types, comparison_groups, group_members, peer_groups or
	// measures. Columns, key and mode follow from it and are not given.
	Reads string `yaml:"reads"`
	// MetricTypes are their identifiers, such as 3281.
	MetricTypes strictyaml.Texts `yaml:"metric_types"`
	// Areas are GSS codes, comparison groups, or the children of an area such as E06000001:AdministrativeWard.
	Areas strictyaml.Texts `yaml:"areas"`
	// Periods are latest, latest:5, or identifiers such as fin_2024_25.
	Periods strictyaml.Texts `yaml:"periods"`
	// ValueType is what is computed of each value; raw where nothing is said.
	ValueType string `yaml:"value_type"`
	// IncludeMissing says that areas without a value are asked for too.
	IncludeMissing bool `yaml:"include_missing"`
	// Statuses are further texts that stand for no value, each with its status.
	Statuses map[string]string `yaml:"statuses"`
	// FullComparison is how often everything is read, to find values that are no longer given: daily, weekly, monthly, where
	// nothing is said, or never.
	FullComparison string `yaml:"full_comparison"`
	// OwnerAreas are the areas whose comparison groups are read, or that compare themselves with the members of groups.
	OwnerAreas strictyaml.Texts `yaml:"owner_areas"`
	// Groups are the identifiers of comparison groups.
	Groups strictyaml.Texts `yaml:"groups"`
	// Values is the dataset of the source that holds the values of measures.
	Values string `yaml:"values"`
	// PeerGroup is the group that measures are compared with.
	PeerGroup string `yaml:"peer_group"`
}

// mostPerCall is more metric types than anyone was seen to ask for at once.
const mostPerCall = 200

// Default is the settings before a file is read.
func Default() connectors.Config {
	return &Config{URL: "https://webservices.esd.org.uk/", Signature: "escaped", MetricTypesPerCall: 50}
}

func (c *Config) key() connectors.SecretPlace {
	return connectors.SecretPlace{Env: c.ApplicationKeyEnv, File: c.ApplicationKeyFile}
}

func (c *Config) secret() connectors.SecretPlace {
	return connectors.SecretPlace{Env: c.SecretEnv, File: c.SecretFile}
}

// Validate names all that is wrong with the settings.
func (c *Config) Validate(at *strictyaml.Positions) error {
	i := connectors.Inspect(at)
	if !c.key().Given() {
		i.Fault("application_key_env", "add application_key_env, the name of a variable, or application_key_file, the path of a file", "no key or token is named")
	}
	c.key().Check(i, "application_key")
	c.secret().Check(i, "secret")
	i.OneOf("signature", c.Signature, []string{"escaped", "raw"}, true)
	if c.MetricTypesPerCall < 1 || c.MetricTypesPerCall > mostPerCall {
		i.Fault("metric_types_per_call", fmt.Sprintf("write a number from 1 to %d", mostPerCall), "metric_types_per_call is %d", c.MetricTypesPerCall)
	}
	if c.Allowance.MonthMB < 0 || c.Allowance.DayMB < 0 {
		i.Fault("allowance", "write megabytes, such as allowance: {month_mb: 10000}", "an allowance is below zero")
	}
	c.addresses(i)
	contracts := make([]connectors.Contract, len(c.Datasets))
	for n, s := range c.Datasets {
		s.check(i, fmt.Sprintf("datasets[%d]", n))
		contracts[n] = s.contract()
	}
	c.checkMeasures(i)
	i.Contracts(contracts)
	return i.Err()
}

// addresses adds the faults of url and proxy. A key goes over TLS or stays on this machine.
func (c *Config) addresses(i *connectors.Inspector) {
	service, err := url.Parse(c.URL)
	switch {
	case err != nil || service.Host == "" || service.User != nil || service.RawQuery != "" || service.Fragment != "":
		i.Fault("url", "write it like https://webservices.esd.org.uk/, without user and query", "url is no address of a service")
	case service.Scheme != "https" && !(c.AllowLoopback && isLoopback(service.Hostname())):
		i.Fault("url", "begin it with https://", "the key would travel without TLS")
	}
	proxy, err := url.Parse(c.Proxy)
	if err != nil || c.Proxy != "" && (proxy.Host == "" || proxy.User != nil) {
		i.Fault("proxy", "write it like http://proxy.council.example:8080, without a user", "proxy is no address of a proxy")
	}
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

var (
	metricID  = regexp.MustCompile(`^[0-9]{1,9}$`)
	periodID  = regexp.MustCompile(`^(latest(:[0-9]{1,3})?|[A-Za-z]+_[A-Za-z0-9_]+)$`)
	wordID    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*$`)
	childArea = regexp.MustCompile(`^[A-Z][0-9]{8}:[A-Za-z][A-Za-z0-9_]*$`)
)

func isArea(text string) bool {
	return areas.IsCode(text) || childArea.MatchString(text) || wordID.MatchString(text)
}

// check adds the faults of a dataset that are this kind's own.
func (s Settings) check(i *connectors.Inspector, place string) {
	names := slices.Sorted(maps.Keys(subjects))
	i.OneOf(place+".reads", s.Reads, names, true)
	if _, known := subjects[s.Reads]; !known {
		return // what the other settings mean follows from it
	}
	for _, one := range []struct {
		name  string
		given bool
	}{{"columns", len(s.Columns) > 0}, {"key", len(s.Key) > 0}, {"mode", s.Mode != ""}, {"on_new_column", s.OnNewColumn != ""}} {
		if one.given {
			i.Fault(place+"."+one.name, "leave it out", "%s follows from what the dataset reads", one.name)
		}
	}
	takes := subjects[s.Reads].takes
	for _, list := range []struct {
		name  string
		texts []string
		right func(string) bool
		like  string
	}{
		{"metric_types", s.MetricTypes, metricID.MatchString, "a number such as 3281"},
		{"areas", s.Areas, isArea, "a GSS code, a group such as AllBoroughInRegion_London, or children such as E06000001:AdministrativeWard"},
		{"periods", s.Periods, periodID.MatchString, "latest, latest:5, or an identifier such as fin_2024_25"},
		{"owner_areas", s.OwnerAreas, areas.IsCode, "a GSS code such as E09000022"},
		{"groups", s.Groups, wordID.MatchString, "the identifier of a comparison group"},
	} {
		s.list(i, place+"."+list.name, list.texts, slices.Contains(takes, list.name), list.right, list.like)
	}
	i.OneOf(place+".full_comparison", s.FullComparison, slices.Sorted(maps.Keys(comparisons)), false)
	if s.Reads != "values" && (s.ValueType != "" || s.IncludeMissing || len(s.Statuses) > 0 || s.FullComparison != "") {
		i.Fault(place+".reads", "leave out value_type, include_missing, statuses and full_comparison", "they have a meaning for values alone")
	}
}

func (s Settings) list(i *connectors.Inspector, place string, texts []string, taken bool, right func(string) bool, like string) {
	name := place[strings.LastIndexByte(place, '.')+1:]
	switch {
	case taken && len(texts) == 0:
		i.Fault(place, "add "+name+": each "+like, "%s is not given", name)
	case !taken && len(texts) > 0:
		i.Fault(place, "leave it out", "%s has no meaning for a dataset that reads %s", name, s.Reads)
	}
	for n, text := range texts {
		if !right(text) {
			i.Fault(fmt.Sprintf("%s[%d]", place, n), "write "+like, "%q cannot be asked for", text)
		}
	}
}

// contract is the dataset's contract with what follows from its subject filled in.
func (s Settings) contract() connectors.Contract {
	c, subject := s.Contract, subjects[s.Reads]
	c.Mode, c.Key, c.PersonalData = subject.mode, subject.key, "none"
	if c.Mode == "" { // what the dataset reads is unknown, and told
		c.Mode = connectors.Snapshot
	}
	if c.Description == "" {
		c.Description = subject.description
	}
	c.Columns = slices.Clone(subject.columns)
	if len(c.Columns) == 0 {
		c.Columns = strictyaml.Map[connectors.ColumnTerms]{{Key: "unknown", Value: connectors.ColumnTerms{Type: "text"}}}
	}
	for n := range c.Columns {
		if terms := &c.Columns[n].Value; len(terms.Statuses) > 0 {
			terms.Statuses = maps.Clone(terms.Statuses)
			maps.Copy(terms.Statuses, s.Statuses)
		}
	}
	return c
}

// Open gives the source. Neither the service nor the secrets are touched.
func (c *Config) Open(deps connectors.Deps) (connectors.Source, error) {
	s := &Source{config: *c, deps: deps, now: time.Now}
	options := web.Options{Loopback: c.AllowLoopback}
	if deps.Archive != nil {
		options.Folder = filepath.Clean(deps.Archive.Folder)
	}
	if c.Proxy != "" {
		proxy, err := url.Parse(c.Proxy)
		if err != nil {
			return nil, &fault.Error{What: "proxy is no address of a proxy"}
		}
		options.Proxy = proxy
	}
	s.web = web.New(options)
	for _, d := range c.Datasets {
		t := topic{Settings: d, dataset: d.contract().Dataset(c.Source), subject: subjects[d.Reads]}
		t.dataset.Feeds = t.subject.feeds
		if t.dataset.Volume != nil {
			t.dataset.Volume.OfWhole = t.subject.tracked
		}
		s.topics = append(s.topics, t)
	}
	return s, nil
}
