package sqldb

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/sijms/go-ora/v2/network"
)

const (
	oraSignIn  = "the server did not accept user and password, or does not let this account in"
	oraEnded   = "the server shut down or ended the session"
	oraStarts  = "the database is not open at the moment: it starts, or shuts down"
	oraNoRoom  = "the server has no room left: for sessions, memory or disk"
	oraGrammar = "the server does not understand the query: "
	oraNoName  = "the server has no database of this name; correct database, which is the name of a service"
	oraNumbers = "a view or query makes a number or date of a value that is none"
	oraAltered = "a table was altered or emptied while it was being read"
)

// oraMeanings are errors by their numbers.
var oraMeanings = map[int]meaning{
	1017:  {oraSignIn, false, false},
	1005:  {oraSignIn, false, false},
	1045:  {oraSignIn + " (it lacks create session)", false, false},
	28000: {oraSignIn + " (the account is locked)", false, false},
	28001: {oraSignIn + " (the password has expired)", false, false},
	12505: {oraNoName, false, false},
	12514: {oraNoName, false, false},
	12506: {"the server lets nobody in from this machine", false, false},
	942:   {"there is no such table or view, or the account may not read it", false, false},
	1031:  {"the account has no right to read this", false, false},
	1720:  {"the account has no right to read this", false, false},
	1555:  {"the reading took longer than the server keeps what rows were before; read at a quieter time, or have undo_retention raised", true, false},
	22924: {"the reading took longer than the server keeps what rows were before; read at a quieter time, or have undo_retention raised", true, false},
	1466:  {oraAltered, true, false},
	8103:  {oraAltered, true, false},
	8177:  {"the server ended the reading in favour of another session", true, false},
	60:    {"the server ended the reading in favour of another session (deadlock)", true, false},
	54:    {"another session holds a lock", true, false},
	30006: {"another session holds a lock", true, false},
	1013:  {"the statement took longer than timeout", true, false},
	18:    {oraNoRoom, true, false},
	20:    {oraNoRoom, true, false},
	2391:  {"the account has no session left", true, false},
	12516: {oraNoRoom, true, false},
	12519: {oraNoRoom, true, false},
	12520: {oraNoRoom, true, false},
	1652:  {oraNoRoom, true, false},
	4030:  {oraNoRoom, true, false},
	4031:  {oraNoRoom, true, false},
	30036: {oraNoRoom, true, false},
	28:    {oraEnded, true, false},
	1012:  {oraEnded, true, false},
	1092:  {oraEnded, true, false},
	2396:  {oraEnded, true, false},
	3113:  {"the connection was cut", true, false},
	3114:  {"the connection was cut", true, false},
	3135:  {"the connection was cut", true, false},
	12537: {"the connection was cut", true, false},
	1033:  {oraStarts, true, false},
	1034:  {oraStarts, true, false},
	1089:  {oraStarts, true, false},
	1090:  {oraStarts, true, false},
	12528: {oraStarts, true, false},
	904:   {oraGrammar, false, true},
	918:   {oraGrammar, false, true},
	923:   {oraGrammar, false, true},
	933:   {oraGrammar, false, true},
	936:   {oraGrammar, false, true},
	907:   {oraGrammar, false, true},
	1722:  {oraNumbers, false, false},
	1830:  {oraNumbers, false, false},
	1841:  {oraNumbers, false, false},
	1843:  {oraNumbers, false, false},
	1858:  {oraNumbers, false, false},
	1861:  {oraNumbers, false, false},
	1476:  {"a view or query divides by zero", false, false},
	1456:  {"a view or query writes, which a reading may not", false, false},
	14551: {"a view or query writes, which a reading may not", false, false},
}

// explain says what an error of Oracle means.
func (oracle) explain(err error) (words string, passes bool) {
	var told *network.OracleError
	switch {
	case errors.As(err, &told):
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, network.ErrConnReset):
		return "the connection was cut", true
	case strings.Contains(err.Error(), "x509: "):
		return msUntold(err), false
	default:
		return "", false
	}
	known, ok := oraMeanings[told.ErrCode]
	if !ok {
		return fmt.Sprintf("the server reports error ORA-%05d", told.ErrCode), false
	}
	if known.quoting {
		known.words += firstLine(errors.New(told.ErrMsg))
	}
	return known.words, known.passes
}
