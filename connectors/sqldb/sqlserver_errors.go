package sqldb

import (
	"errors"
	"fmt"
	"strings"

	mssql "github.com/microsoft/go-mssqldb"
)

// A meaning is what an error of a server says to an analyst.
type meaning struct {
	words   string
	passes  bool
	quoting bool // the server's own words follow, which name things of the database and hold no values
}

const (
	msNoRoom  = "the server has no room left: for locks, memory or disk"
	msAbsent  = "the database is not open at the moment: it starts, is restored, or another copy of it has taken over"
	msSignIn  = "the server did not accept user and password, or does not let this account in"
	msEnded   = "the server ended the reading in favour of another session"
	msNoRight = "the account has no right to read this: "
	msBusy    = "the server refuses work at the moment, as it has too much of it"
)

// msMeanings are errors by their numbers.
var msMeanings = map[int32]meaning{
	1205:  {msEnded + " (deadlock)", true, false},
	1222:  {"another session holds a lock for longer than lock_timeout", true, false},
	3960:  {msEnded + " (a conflict of snapshots)", true, false},
	3961:  {"a table was altered while it was being read", true, false},
	3951:  {"the database allows no snapshot isolation", false, false},
	3952:  {"the database allows no snapshot isolation", false, false},
	1204:  {msNoRoom, true, false},
	701:   {msNoRoom, true, false},
	802:   {msNoRoom, true, false},
	1105:  {msNoRoom, true, false},
	3958:  {msNoRoom + " (for the old versions of rows, in tempdb)", true, false},
	3966:  {msNoRoom + " (for the old versions of rows, in tempdb)", true, false},
	3967:  {msNoRoom + " (for the old versions of rows, in tempdb)", true, false},
	8645:  {msNoRoom, true, false},
	8651:  {msNoRoom, true, false},
	9002:  {msNoRoom, true, false},
	18452: {msSignIn + " (its domain is not trusted)", false, false},
	18456: {msSignIn, false, false},
	18470: {msSignIn + " (the account is disabled)", false, false},
	18486: {msSignIn + " (the account is locked)", false, false},
	18487: {msSignIn + " (the password has expired)", false, false},
	18488: {msSignIn + " (the password must be changed)", false, false},
	911:   {"the server has no database of this name", false, false},
	916:   {"the account may not open the database", false, false},
	4060:  {"the server has no database of this name, or the account may not open it", false, false},
	229:   {msNoRight, false, true},
	230:   {msNoRight, false, true},
	262:   {msNoRight, false, true},
	297:   {msNoRight, false, true},
	300:   {msNoRight, false, true},
	207:   {"the server does not understand the query: ", false, true},
	208:   {"the server does not understand the query: ", false, true},
	209:   {"the server does not understand the query: ", false, true},
	468:   {"the server does not understand the query: ", false, true},
	4104:  {"the server does not understand the query: ", false, true},
	904:   {msAbsent, true, false},
	922:   {msAbsent, true, false},
	924:   {msAbsent, true, false},
	927:   {msAbsent, true, false},
	942:   {msAbsent, true, false},
	976:   {msAbsent, true, false},
	978:   {msAbsent, true, false},
	979:   {msAbsent, true, false},
	983:   {msAbsent, true, false},
	596:   {"the server shut down or ended the session", true, false},
	6005:  {"the server shut down or ended the session", true, false},
	17142: {"the server shut down or ended the session", true, false},
	10928: {msBusy, true, false},
	10929: {msBusy, true, false},
	40197: {msBusy, true, false},
	40501: {msBusy, true, false},
	40613: {msAbsent, true, false},
	49918: {msBusy, true, false},
	49919: {msBusy, true, false},
	49920: {msBusy, true, false},
	245:   {msUnconvertible, false, false}, // whose own words hold the value
	241:   {msUnconvertible, false, false},
	242:   {msUnconvertible, false, false},
	8114:  {msUnconvertible, false, false},
	8115:  {msUnconvertible, false, false},
	8134:  {"a view or query divides by zero", false, false},
}

const msUnconvertible = "a view or query makes a number or date of a value that is none"

// Classes of errors whose number is not among these.
const (
	msGrammar  = 15 // what was sent is not understood
	msResource = 17 // from here on the server lacks something, or is unwell
)

// explain says what an error of SQL Server means.
func (sqlserver) explain(err error) (words string, passes bool) {
	var told mssql.Error
	if !errors.As(err, &told) {
		return msUntold(err), false
	}
	if known, ok := msMeanings[told.Number]; ok {
		if known.quoting {
			known.words += firstLine(errors.New(told.Message))
		}
		return known.words, known.passes
	}
	if told.Class == msGrammar {
		return "the server does not understand the query: " + told.Message, false
	}
	return fmt.Sprintf("the server reports error %d", told.Number), told.Class >= msResource
}

// msUntold explains what the driver puts in words of its own alone.
func msUntold(err error) string {
	text := err.Error()
	switch {
	case strings.Contains(text, "x509: "):
		return "the server's certificate is not trusted: " + certificateWords(err) + "; name the council's own authority in ca_file"
	case strings.Contains(text, "server does not support encryption"):
		return noTLS
	case strings.Contains(text, "no instance matching"):
		return "the server has no instance of this name, or its browser service does not answer; give port instead"
	}
	return ""
}
