package sqldb

import (
	"net"
	"strconv"
)

// Host is the database server, with its port where the settings name one.
func (s *Source) Host() string {
	if s.config.Port == 0 {
		return s.config.Host
	}
	return net.JoinHostPort(s.config.Host, strconv.Itoa(s.config.Port))
}
