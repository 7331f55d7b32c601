package lginform

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/internal/areas"
)

// A word is a text, a number as it is written, true or false; empty where there is null or something larger. The service
// was seen to write the same field in several of these ways.
type word string

// UnmarshalJSON takes any value.
func (w *word) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case '"':
		var text string
		err := json.Unmarshal(raw, &text)
		*w = word(text)
		return err
	case '{', '[', 'n':
		*w = ""
	default:
		*w = word(raw)
	}
	return nil
}

// A record is one value with all that names it.
type record struct {
	MetricType       word `json:"metricTypeIdentifier"`
	MetricLabel      word `json:"metricTypeLabel"`
	MetricSummary    word `json:"metricTypeIsSummary"`
	Area             word `json:"areaIdentifier"`
	AreaLabel        word `json:"areaLabel"`
	AreaSummary      word `json:"areaIsSummary"`
	Period           word `json:"periodIdentifier"`
	PeriodSummary    word `json:"periodIsSummary"`
	ValueType        word `json:"valueTypeIdentifier"`
	Unit             word `json:"valueTypeLabel"`
	ValueTypeSummary word `json:"valueTypeIsSummary"`
	Value            word `json:"value"`
	Source           word `json:"source"`
	Formatted        word `json:"formatted"`
	Lower            word `json:"confidenceIntervalLower"`
	Upper            word `json:"confidenceIntervalUpper"`
	Publication      word `json:"publicationStatus"`
}

// values reads the array of records that /data.table gives, one by one.
func values(_ topic, c call, in *json.Decoder, row func(fields []string) error) error {
	if err := opens(in, '['); err != nil {
		return err
	}
	for in.More() {
		var r record
		if err := in.Decode(&r); err != nil {
			return broken(err)
		}
		if err := row(r.fields(c)); err != nil {
			return err
		}
	}
	if _, err := in.Token(); err != nil {
		return broken(err)
	}
	return ends(in)
}

// Where fields gives metric type and period.
const metricTypeField, periodField = 0, 6

func (r record) fields(c call) []string {
	summary := r.isSummary(c)
	areaCode := ""
	if !summary && areas.IsCode(string(r.Area)) {
		areaCode = string(r.Area)
	}
	return []string{
		string(r.MetricType), string(r.MetricLabel), string(r.Area), areaCode, string(r.AreaLabel),
		string(r.Period), string(r.Period), string(r.ValueType), string(r.Unit), strconv.FormatBool(summary),
		r.value(), figure(r.Source), string(r.Formatted), figure(r.Lower), figure(r.Upper), string(r.Publication),
	}
}

// isSummary says whether the record sums up others. A group that was asked for stands for its members, and a record under
// its own name for a mean or another sum of them, whatever the record says.
func (r record) isSummary(c call) bool {
	for _, flag := range []word{r.MetricSummary, r.AreaSummary, r.PeriodSummary, r.ValueTypeSummary} {
		if strings.EqualFold(string(flag), "true") {
			return true
		}
	}
	return !areas.IsCode(string(r.Area)) && slices.ContainsFunc(c.areas, func(asked string) bool { return strings.EqualFold(asked, string(r.Area)) })
}

// value is the value's text. Where there is none, what is shown in its place says why, else the status of publication.
func (r record) value() string {
	if text := figure(r.Value); text != "" && text != "null" {
		return text
	}
	if r.Formatted != "" && !looksLikeNumber(string(r.Formatted)) {
		return string(r.Formatted)
	}
	if r.Formatted == "" && strings.EqualFold(string(r.Publication), "suppressed") {
		return "suppressed"
	}
	return ""
}

// looksLikeNumber says whether a text has the signs of a number alone, and a digit. It is not worked out: one with a large
// exponent would take all memory.
func looksLikeNumber(text string) bool {
	return strings.ContainsAny(text, "0123456789") && strings.Trim(text, "0123456789.,+-eE") == ""
}

// figure writes a number with an exponent in full, digit by digit; any other text stays as it is.
func figure(w word) string {
	text := string(w)
	at := strings.IndexAny(text, "eE")
	if at < 1 {
		return text
	}
	const most = 40 // more places than a column holds
	if n, err := strconv.Atoi(text[at+1:]); err != nil || n > most || n < -most || at > most {
		return text
	}
	exact, ok := new(big.Rat).SetString(text)
	if !ok {
		return text
	}
	full := exact.FloatString(2 * most)
	return strings.TrimSuffix(strings.TrimRight(full, "0"), ".")
}

// An item is what the catalogue's things have in common.
type item struct {
	Identifier word `json:"identifier"`
	Label      word `json:"label"`
	ShortLabel word `json:"shortLabel"`
	LongLabel  word `json:"longLabel"`
	IsGroup    word `json:"isGroup"`
	IsCustom   word `json:"isCustom"`
}

type metric struct {
	item
	Definition word `json:"definition"`
	HelpText   word `json:"helpText"`
	Polarity   word `json:"polarity"`
	Precision  word `json:"outputPrecision"`
	NullAsZero word `json:"nullAsZero"`
	Ended      word `json:"discontinued"`
	URI        word `json:"uri"`
	Measure    struct {
		Unit item `json:"measurementUnit"`
	} `json:"measure"`
	Dataset struct {
		item
		PeriodType struct {
			item
			Frequency word `json:"frequency"`
		} `json:"periodType"`
	} `json:"dataset"`
}

// directions are the service's words for which way is better. The second is by analogy: only the first and the third were seen.
var directions = map[string]string{"low value is good": "lower", "high value is good": "higher", "not applicable": "context"}

func metricType(_ topic, _ call, in *json.Decoder, row func(fields []string) error) error {
	m, err := readMetric(in)
	if err != nil {
		return err
	}
	return row([]string{
		string(m.Identifier), string(m.Label), string(m.ShortLabel), string(m.Definition), string(m.HelpText), string(m.Polarity),
		directions[strings.ToLower(string(m.Polarity))], string(m.Precision), string(m.Measure.Unit.Identifier), string(m.Measure.Unit.Label),
		string(m.Dataset.Identifier), string(m.Dataset.Label), string(m.Dataset.PeriodType.Identifier),
		string(m.NullAsZero), string(m.Ended), string(m.URI),
	})
}

func readMetric(in *json.Decoder) (*metric, error) {
	var body struct {
		problems
		MetricType *metric `json:"metricType"`
	}
	if err := body.decode(in, &body); err != nil {
		return nil, err
	}
	if m := body.MetricType; m != nil && m.Identifier != "" {
		return m, nil
	}
	return nil, refuse("the answer holds no metric type")
}

func areaTypes(_ topic, _ call, in *json.Decoder, row func(fields []string) error) error {
	var body struct {
		problems
		Types []item `json:"areaType-array"`
	}
	if err := body.decode(in, &body); err != nil {
		return err
	}
	for _, t := range body.Types {
		if err := row([]string{string(t.Identifier), string(t.Label), string(t.LongLabel), string(t.IsGroup)}); err != nil {
			return err
		}
	}
	return nil
}

func comparisonGroups(_ topic, c call, in *json.Decoder, row func(fields []string) error) error {
	var body struct {
		problems
		Groups []struct {
			item
			Type item `json:"type"`
		} `json:"comparisonGroup-array"`
	}
	if err := body.decode(in, &body); err != nil {
		return err
	}
	for _, g := range body.Groups {
		err := row([]string{c.name, string(g.Identifier), string(g.Label), string(g.Type.Identifier), string(g.Type.Label), string(g.IsCustom)})
		if err != nil {
			return err
		}
	}
	return nil
}

// A group is a comparison group with its members.
type group struct {
	item
	Members []struct {
		item
		AreaType item `json:"areaType"`
	} `json:"members"`
}

// readGroup reads the answer that holds one group.
func readGroup(in *json.Decoder) (*group, error) {
	var body struct {
		problems
		Group *group `json:"comparisonGroup"`
	}
	if err := body.decode(in, &body); err != nil {
		return nil, err
	}
	if body.Group == nil {
		return nil, refuse("the answer holds no comparison group")
	}
	return body.Group, nil
}

func groupMembers(_ topic, c call, in *json.Decoder, row func(fields []string) error) error {
	asked, err := readGroup(in)
	if err != nil {
		return err
	}
	for _, m := range asked.Members {
		areaCode := ""
		if areas.IsCode(string(m.Identifier)) {
			areaCode = string(m.Identifier)
		}
		err := row([]string{c.name, string(asked.Label), string(m.Identifier), areaCode, string(m.Label), string(m.AreaType.Identifier)})
		if err != nil {
			return err
		}
	}
	return nil
}

// problems are what the service says is wrong, with any status.
type problems struct {
	Errors []struct {
		Message word `json:"message"`
		Code    word `json:"errorCode"`
	} `json:"errors"`
}

// decode reads a whole document into body, of which p is a part.
func (p *problems) decode(in *json.Decoder, body any) error {
	if err := in.Decode(body); err != nil {
		return broken(err)
	}
	if err := p.err(); err != nil {
		return err
	}
	return ends(in)
}

func (p *problems) err() error {
	if len(p.Errors) == 0 {
		return nil
	}
	first := p.Errors[0]
	if strings.Contains(strings.ToLower(string(first.Message)), "exceeded allowed usage") {
		return refuse("the allowance of data for this key is used up; it is counted by month and day, for all of the organisation's keys together")
	}
	return &refusal{reason: "the service answers with an error", said: fmt.Sprintf(" (code %s): %s", first.Code, first.Message)}
}

// opens reads the bracket that a list begins with. An object in its place says what is wrong.
func opens(in *json.Decoder, bracket json.Delim) error {
	var first json.Token
	first, err := in.Token()
	if err != nil {
		return broken(err)
	}
	if first == bracket {
		return nil
	}
	return errObject
}

// errObject is an object where a list was expected.
var errObject = errors.New("the answer is an object where a list was expected")

// ends makes sure that nothing follows the document.
func ends(in *json.Decoder) error {
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return refuse("something follows the end of the answer's JSON")
	}
	return nil
}

func broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return refuse("the answer's JSON ends in the middle")
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return refuse("the answer is not JSON from byte %d on", syntax.Offset)
	}
	return refuse("the answer's JSON is not laid out as known of the service")
}

// A refusal is an answer that breaks what is known of the service as a whole.
type refusal struct {
	reason string
	said   string // by the service: it may hold anything, and be of any length
}

func (r *refusal) Error() string { return r.reason }

// refuse gives a reason in our own words.
func refuse(reason string, args ...any) error { return &refusal{reason: fmt.Sprintf(reason, args...)} }

// A quoting is an answer that repeats the key, of which nothing is kept. It was taken all the same, and counts.
type quoting struct {
	error
	size int64
}

// Unwrap gives what is wrong with it.
func (q *quoting) Unwrap() error { return q.error }
