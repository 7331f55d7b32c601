package examples

import "strings"

// peersOf gives what is known of a council's peers, in the form of reference/peer_groups.csv: the nearest neighbours that
// the Office for National Statistics finds for England's councils with social services; for other councils all those that
// do the same work within the same county or nation, in no order. A combined authority has none.
func peersOf(council Authority) (table, error) {
	peers, err := readTable("starter/reference/peer_groups.csv")
	if err != nil {
		return peers, err
	}
	peers.keep(func(row []string) bool { return peers.get(row, "owner_code") == council.Code })
	if len(peers.rows) > 0 {
		return peers, nil
	}
	others, err := neighboursWithin(council)
	if err != nil || len(others) == 0 {
		return peers, err
	}
	group := "councils_of_nation"
	if council.Tier == "lower" {
		group = "districts_of_county"
	}
	for _, code := range others {
		peers.rows = append(peers.rows, []string{group, "2025", council.Code, code, ""})
	}
	return peers, nil
}

// neighboursWithin gives the councils of the same tier that lie in the same county, or in the same nation where the council
// lies in no county.
func neighboursWithin(council Authority) ([]string, error) {
	authorities, err := Authorities()
	if err != nil {
		return nil, err
	}
	lookup, err := readTable("trafford/reference/area_lookup.csv")
	if err != nil {
		return nil, err
	}
	liesIn := map[string]string{} // the county or nation; England's regions are left aside
	for _, row := range lookup.rows {
		if larger := lookup.get(row, "larger_area_code"); !strings.HasPrefix(larger, "E12") {
			liesIn[lookup.get(row, "area_code")] = larger
		}
	}
	var others []string
	for _, a := range authorities {
		within := liesIn[a.Code]
		if within != "" && within == liesIn[council.Code] && a.Tier == council.Tier && a.EndDate == "" && a.Code != council.Code {
			others = append(others, a.Code)
		}
	}
	return others, nil
}
