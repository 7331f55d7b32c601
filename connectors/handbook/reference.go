package handbook

import (
	"math/big"

	"github.com/goldthread/goldthread/connectors"
)

// referenceTables are the tables of reference/, a file each.
func referenceTables() []table {
	return []table{
		referenceTable(authorities(), csvForm{}),
		referenceTable(areas(), csvForm{}),
		referenceTable(areaLookup(), csvForm{row: checkWeight}),
		referenceTable(peerGroups(), csvForm{}),
		referenceTable(closures(), csvForm{}),
	}
}

// referenceTable is the table of the file that is called like its dataset.
func referenceTable(ds connectors.Dataset, form csvForm) table {
	ds.Source = ReferenceName
	place := "reference/" + ds.Name + ".csv"
	return table{
		dataset: decided(ds),
		place:   place,
		own:     pattern(place),
		fill: func(files []file, s *sheet) {
			for _, f := range files {
				form.fill(f, s)
			}
		},
	}
}

func authorities() connectors.Dataset {
	return connectors.Dataset{
		Name: "authorities", Description: "Councils and combined authorities of the United Kingdom, past and present.",
		Key: []string{"organisation_code"}, Columns: []connectors.Column{
			code("organisation_code", "GSS code of the council."),
			code("name", "Name in everyday use."),
			text("official_name", "Name in law."),
			text("organisation_type", "Kind of council, in the publisher's words."),
			text("tier", "single, upper, lower or combined."),
			text("region_name", "Region of England, or the country."),
			text("nation", "England, Wales, Scotland or Northern Ireland."),
			date("start_date", "First day of the council."),
			date("end_date", "First day on which it was no more; empty while it is."),
			text("replaced_by", "GSS codes of its successors, a space between two."),
		},
	}
}

func areas() connectors.Dataset {
	return connectors.Dataset{
		Name: "areas", Description: "Countries, regions, wards, stations and other areas that are no councils, by vintage.",
		Key: []string{"area_code", "vintage"}, Columns: []connectors.Column{
			code("area_code", "Code of the area."),
			code("area_name", "Name of the area."),
			text("area_type", "Kind of area, such as ward or region."),
			text("vintage", "Edition of the boundaries."),
			date("valid_from", "First day on which the area is as described."),
			date("valid_to", "First day on which it is no longer."),
		},
	}
}

func areaLookup() connectors.Dataset {
	weight := connectors.Column{
		Name: "weight", Description: "Share of the area that lies there, above 0 and up to 1.", Kind: connectors.Decimal,
		Precision: 18, Scale: 10, Required: true,
	}
	return connectors.Dataset{
		Name: "area_lookup", Description: "Which larger area an area lies in, by vintage.",
		Key: []string{"area_code", "larger_area_code", "vintage"}, Columns: []connectors.Column{
			code("area_code", "Code of the area."),
			code("larger_area_code", "Code of the larger area it lies in."),
			weight,
			text("vintage", "Edition of the boundaries."),
		},
	}
}

func peerGroups() connectors.Dataset {
	return connectors.Dataset{
		Name: "peer_groups", Description: "Whom a council is compared with, by version of the group.",
		Key: []string{"group", "version", "owner_code", "peer_code"}, Columns: []connectors.Column{
			code("group", "Code of the group, as measures name it."),
			code("version", "Version of the group; the last in order is the newest."),
			code("owner_code", "GSS code of the council the group was made for."),
			code("peer_code", "GSS code of a council it is compared with."),
			whole("position", "Order of the list, the nearest first."),
		},
	}
}

func closures() connectors.Dataset {
	return connectors.Dataset{
		Name: "calendars", Description: "Bank holidays and closures.",
		Key: []string{"calendar", "date"}, Columns: []connectors.Column{
			code("calendar", "Code of the calendar."),
			{Name: "date", Description: "The day.", Kind: connectors.Date, Required: true},
			text("name", "Name of the day."),
		},
	}
}

// checkWeight finds a weight that is no share. One that is no number the row itself tells.
func checkWeight(c *csvFile, line int64, fields [][]byte) {
	weight, ok := new(big.Rat).SetString(string(fields[c.sheet.index("weight")]))
	if ok && (weight.Sign() <= 0 || weight.Cmp(big.NewRat(1, 1)) > 0) {
		c.sheet.fault(c.where(line), "write 1 where the area lies wholly in the larger one, else its share, such as 0.6",
			"weight is %s", fields[c.sheet.index("weight")])
	}
}
