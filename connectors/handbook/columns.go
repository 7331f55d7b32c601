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

// dataset is a snapshot of the folder. Nothing in it is quarantined: a fault refuses all of it.
func dataset(source, name, description string, key []string, columns []connectors.Column) connectors.Dataset {
	for i := range columns {
		columns[i].PersonalData = "none"
	}
	return connectors.Dataset{Source: source, Name: name, Description: description, Mode: connectors.Snapshot, Key: key, Columns: columns}
}
