// Package all lists the kinds of source that a build of Goldthread knows.
package all

import (
	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/csvdrop"
)

// Kinds is every kind of source of this build, by the name a file of sources/ uses.
var Kinds = connectors.Kinds{
	"csvdrop": csvdrop.Default,
}
