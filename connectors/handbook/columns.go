package handbook

import "github.com/goldthread/goldthread/connectors"

func text(name, description string) connectors.Column {
	return connectors.Column{Name: name, Description: description, Kind: connectors.Text}
}

func code(name, description string) connectors.Column {
	c := text(name, description)
	c.Required = true
	return c
}

// number is a decimal with as many digits as the engine holds.
func number(name, description string) connectors.Column {
	return connectors.Column{Name: name, Description: description, Kind: connectors.Decimal, Precision: 38, Scale: 10}
}

func whole(name, description string) connectors.Column {
	return connectors.Column{Name: name, Description: description, Kind: connectors.Integer}
}

func date(name, description string) connectors.Column {
	return connectors.Column{Name: name, Description: description, Kind: connectors.Date}
}

func boolean(name, description string) connectors.Column {
	return connectors.Column{Name: name, Description: description, Kind: connectors.Boolean}
}

// period is a canonical code.
func period(name, description string) connectors.Column {
	return connectors.Column{Name: name, Description: description, Kind: connectors.Period}
}

// word is a text that may be one of a few, or empty.
func word(name, description string, allowed []string) connectors.Column {
	c := text(name, description)
	c.Values = allowed
	return c
}

// decided is a dataset of what a council decided: a snapshot without personal data. Nothing in it is quarantined: a fault
// refuses all of it.
func decided(ds connectors.Dataset) connectors.Dataset {
	ds.Mode = connectors.Snapshot
	for i := range ds.Columns {
		ds.Columns[i].PersonalData = "none"
	}
	return ds
}
