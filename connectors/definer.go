package connectors

import "github.com/goldthread/goldthread/internal/measures"

// A Definer is a source that knows measures of its own, which a council need not write down. What they are called, their
// unit and which way is better stand in a dataset that feeds handbook.measures; here is where their values are.
type Definer interface {
	Measures() []*measures.Measure
}
