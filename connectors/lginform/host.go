package lginform

import "net/url"

// Host is the service's, with its port where the address names one.
func (s *Source) Host() string {
	service, err := url.Parse(s.config.URL)
	if err != nil {
		return s.config.URL
	}
	return service.Host
}
