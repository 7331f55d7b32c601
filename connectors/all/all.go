// Package all lists the connectors of this build. The council's folder itself, read by connectors/handbook, is not among
// them: every council has one, and no file of sources/ asks for it.
package all

import (
	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/csvdrop"
	"github.com/goldthread/goldthread/connectors/lginform"
	"github.com/goldthread/goldthread/connectors/sqldb"
)

//go:generate go run ../../internal/kindsdoc -code ../.. -out ../../docs

// Kinds is every connector of this build, by the name a config file uses.
var Kinds = connectors.Kinds{
	"csvdrop":  csvdrop.Default,
	"lginform": lginform.Default,
	"sqldb":    sqldb.Default,
}
