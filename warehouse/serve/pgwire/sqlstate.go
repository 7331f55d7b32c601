package pgwire

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/jackc/pgx/v5/pgproto3"
)

// The SQLSTATEs that are sent.
const (
	codeProtocol       = "08P01"
	codeNotSupported   = "0A000"
	codeBadValue       = "22P02"
	codeReadOnly       = "25006"
	codeFailed         = "25P02"
	codeNoStatement    = "26000"
	codeSecret         = "28P01"
	codeNoSignIn       = "28000"
	codeNoPortal       = "34000"
	codeNoRelease      = "3D000"
	codePermission     = "42501"
	codeSyntax         = "42601"
	codeNoColumn       = "42703"
	codeNoSetting      = "42704"
	codeNoFunction     = "42883"
	codeNoTable        = "42P01"
	codeTaken          = "42P05"
	codeWrongType      = "42804"
	codeNoMemory       = "53200"
	codeTooMany        = "53300"
	codeTooBig         = "54000"
	codeWrongState     = "55000"
	codeCancelled      = "57014"
	codeShutDown       = "57P01"
	codeIdle           = "57P05"
	codeInternal       = "XX000"
	severityError      = "ERROR"
	severityFatal      = "FATAL"
	severityWarning    = "WARNING"
	warningNotFollowed = "01000"
)

// A Refusal is an error with its SQLSTATE that a reader is told.
type Refusal struct {
	SQLState string
	Message  string
	Hint     string
}

// Error gives the words.
func (r *Refusal) Error() string { return r.Message }

func refuse(code, format string, args ...any) *Refusal {
	return &Refusal{SQLState: code, Message: fmt.Sprintf(format, args...)}
}

func (r *Refusal) hint(text string) *Refusal {
	r.Hint = text
	return r
}

// Why a statement was stopped, as the cause of its context.
var (
	errCancelled = refuse(codeCancelled, "canceling statement due to user request")
	errTimeout   = refuse(codeCancelled, "canceling statement due to statement timeout")
	errGone      = refuse(codeCancelled, "the client is gone")
	errShutDown  = refuse(codeShutDown, "the server is being stopped")
)

// engineCodes are the SQLSTATEs of the engine's kinds of error.
var engineCodes = map[duckdb.ErrorType]string{
	duckdb.ErrorTypeParser:         codeSyntax,
	duckdb.ErrorTypeSyntax:         codeSyntax,
	duckdb.ErrorTypeConversion:     codeBadValue,
	duckdb.ErrorTypeInvalidInput:   codeBadValue,
	duckdb.ErrorTypeOutOfRange:     "22003",
	duckdb.ErrorTypeDivideByZero:   "22012",
	duckdb.ErrorTypeMismatchType:   codeWrongType,
	duckdb.ErrorTypeNotImplemented: codeNotSupported,
	duckdb.ErrorTypePermission:     codePermission,
	duckdb.ErrorTypeOutOfMemory:    codeNoMemory,
	duckdb.ErrorTypeInterrupt:      codeCancelled,
}

// engineWords tell errors of one kind apart: the engine has one kind for all that a name may miss.
var engineWords = []struct{ words, code string }{
	{"Table with name", codeNoTable},
	{"Referenced table", codeNoTable},
	{"Scalar Function with name", codeNoFunction},
	{"Function with name", codeNoFunction},
	{"No function matches", codeNoFunction},
	{"Referenced column", codeNoColumn},
	{"does not have a column named", codeNoColumn},
	{"must appear in the GROUP BY", "42803"},
	{"Ambiguous reference", "42702"},
	{"Could not convert", codeBadValue},
}

// refusalOf says what a reader is told of an error, and with which SQLSTATE.
func refusalOf(ctx context.Context, err error) *Refusal {
	var refusal *Refusal
	if errors.As(context.Cause(ctx), &refusal) || errors.As(err, &refusal) {
		return refusal
	}
	var engine *duckdb.Error
	if !errors.As(err, &engine) {
		return refuse(codeInternal, "%v", err)
	}
	code := codeInternal
	if c, known := engineCodes[engine.Type]; known {
		code = c
	}
	for _, w := range engineWords {
		if strings.Contains(engine.Msg, w.words) {
			code = w.code
			break
		}
	}
	if code == codeInternal && (engine.Type == duckdb.ErrorTypeBinder || engine.Type == duckdb.ErrorTypeCatalog) {
		code = codeSyntax
	}
	message, detail, _ := strings.Cut(engine.Msg, "\n")
	return refuse(code, "%s", message).hint(strings.TrimSpace(detail))
}

func (r *Refusal) message(severity string) *pgproto3.ErrorResponse {
	return &pgproto3.ErrorResponse{Severity: severity, SeverityUnlocalized: severity, Code: r.SQLState, Message: r.Message, Hint: r.Hint}
}
