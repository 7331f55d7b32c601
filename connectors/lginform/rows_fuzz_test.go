package lginform

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/goldthread/goldthread/connectors"
)

// FuzzAnswer gives an answer to every reader there is: each gives rows as wide as its columns, or says what is wrong in words
// of its own.
func FuzzAnswer(f *testing.F) {
	for _, answer := range []string{
		`[{"metricTypeIdentifier":1072,"areaIdentifier":"E09000022","periodIdentifier":"cal_2020","valueTypeIdentifier":"raw","value":7.497e1,"formatted":"1e999999999"}]`,
		`{"metricType":{"identifier":"1072","polarity":"Low value is good","outputPrecision":2}}`,
		`{"areaType-array":[{"identifier":"Region","isGroup":true}]}`,
		`{"comparisonGroup-array":[{"identifier":"a","type":{"identifier":"b"}}]}`,
		`{"comparisonGroup":{"members":[{"identifier":"E09000022"}]}}`,
		`{"errors":[{"message":"exceeded allowed usage","errorCode":7}]}`,
		`[{"value":null},{"value":{}},{"value":[1]},{"value":-1E-400}]`, `[`, `{}`, `null`, `[] []`,
	} {
		f.Add([]byte(answer))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		for name, subject := range subjects {
			err := subject.rows(topic{dataset: connectors.Dataset{Source: "lgi"}}, call{areas: []string{"AllBoroughInRegion_London"}}, json.NewDecoder(bytes.NewReader(answer)), func(fields []string) error {
				if len(fields) != len(subject.columns) {
					t.Errorf("%s: %d fields for %d columns", name, len(fields), len(subject.columns))
				}
				return nil
			})
			var told *refusal
			if err != nil && !errors.As(err, &told) && !errors.Is(err, errObject) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
