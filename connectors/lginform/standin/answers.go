package standin

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

func (s *Service) answer(path string, query url.Values) (answer any, found bool) {
	thing, id, single := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch {
	case thing == "data.table":
		return s.data(query), true
	case thing == "metricTypes" && single:
		metricType, found := s.catalogue.MetricTypes[id]
		return Record{"metricType": metricType}, found
	case thing == "metricTypes":
		return s.changes(query), true
	case thing == "areaTypes":
		return Record{"areaType-array": s.catalogue.AreaTypes}, true
	case thing == "comparisonGroups" && single:
		return s.members(), s.isGroup(id)
	case thing == "comparisonGroups":
		return Record{"comparisonGroup-array": []Record{s.catalogue.Group}}, query.Get("ownerArea") == s.catalogue.Owner
	}
	return nil, false
}

func (s *Service) data(query url.Values) []Record {
	metricTypes, areas := strings.Split(query.Get("metricType"), ","), strings.Split(query.Get("area"), ",")
	periods := map[any][]any{}
	for _, id := range metricTypes {
		periods[id] = s.periods(id, query.Get("period"))
	}
	records := []Record{}
	for _, r := range s.records {
		if s.covers(areas, r["areaIdentifier"]) && slices.Contains(periods[r["metricTypeIdentifier"]], r["periodIdentifier"]) {
			records = append(records, r)
		}
	}
	return records
}

// periods resolves what is asked for into identifiers. The order of the downloads is that of time.
func (s *Service) periods(metricType, asked string) []any {
	var all, chosen []any
	for _, r := range s.records {
		if r["metricTypeIdentifier"] == metricType && !slices.Contains(all, r["periodIdentifier"]) {
			all = append(all, r["periodIdentifier"])
		}
	}
	for one := range strings.SplitSeq(asked, ",") {
		latest, count, _ := strings.Cut(one, ":")
		if latest != "latest" {
			chosen = append(chosen, one)
			continue
		}
		n := 1
		if given, err := strconv.Atoi(count); err == nil {
			n = given
		}
		chosen = append(chosen, all[max(0, len(all)-n):]...)
	}
	return chosen
}

func (s *Service) changes(query url.Values) any {
	list := []Record{}
	for id, day := range s.changed {
		if day >= query.Get("dataChangedSince") && query.Get("pageNumber") == "" {
			list = append(list, Record{"identifier": id, "label": "Metric type " + id})
		}
	}
	return Record{"metricType-array": list}
}

// members are the areas that have a value and have not left, in the order of the downloads.
func (s *Service) members() any {
	members, seen := []Record{}, map[string]bool{}
	for _, r := range s.records {
		area := r["areaIdentifier"].(string)
		if !seen[area] && !slices.Contains(s.left, area) {
			members = append(members, Record{"identifier": area, "label": r["areaLabel"], "areaType": Record{"identifier": "District", "label": "District"}})
		}
		seen[area] = true
	}
	group := maps.Clone(s.catalogue.Group)
	group["members"] = members
	return Record{"comparisonGroup": group}
}
