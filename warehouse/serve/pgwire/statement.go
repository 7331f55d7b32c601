package pgwire

import (
	"context"
	"database/sql/driver"
	"errors"
	"strconv"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/goldthread/goldthread/warehouse/serve/catalog"
)

// A prepared statement is one the engine runs, or a command that the session answers itself.
type prepared struct {
	text        string   // for the engine
	parameters  []uint32 // the types of $1, $2 …
	order       []int    // which of them the engine takes first, second …
	columns     []column
	open        bool // some columns depend on parameters whose types the engine does not know
	fingerprint string
	command     *command
}

// prepare checks a statement and finds out what it takes and gives. Parameters' types that the client left open are the
// engine's.
func (s *session) prepare(ctx context.Context, text string, types []uint32) (*prepared, error) {
	c, err := readCommand(text)
	if err != nil {
		return nil, err
	}
	if c != nil {
		return s.understand(ctx, c, types)
	}
	w := s.newWork(ctx)
	defer w.end()
	defer w.enter()()
	p := &prepared{text: catalog.Rewrite(folded(text))}
	if err := w.compute(func() error { return s.check(w.ctx, p, types) }); err != nil {
		return nil, refusalOf(w.ctx, err)
	}
	return p, nil
}

// check asks the gate about a statement and the engine what it takes and gives.
func (s *session) check(ctx context.Context, p *prepared, types []uint32) error {
	checked, err := s.server.Gate(ctx, s.conn, p.text)
	if err != nil {
		return err
	}
	p.fingerprint = checked.Fingerprint
	err = s.prepareEngine(ctx, p.text, func(stmt *duckdb.Stmt) error {
		return errors.Join(p.describe(stmt), p.describeParameters(stmt, types))
	})
	if err != nil || !p.open {
		return err
	}
	// The engine leaves all open where a function must know its argument to say what it gives, even how many columns there are.
	if err := s.prepareEngine(ctx, p.typed(), p.describe); err != nil {
		return ctx.Err() // what else is wrong is told when the statement is run
	}
	return nil
}

// prepareEngine lets the engine prepare a statement, for as long as it is looked at.
func (s *session) prepareEngine(ctx context.Context, text string, look func(*duckdb.Stmt) error) error {
	return s.conn.Raw(func(raw any) error {
		statement, err := raw.(driver.ConnPrepareContext).PrepareContext(ctx, text)
		if err != nil {
			return err
		}
		stmt := statement.(*duckdb.Stmt)
		return errors.Join(look(stmt), stmt.Close())
	})
}

// describe finds out what columns a statement gives.
func (p *prepared) describe(s *duckdb.Stmt) error {
	if kind, err := s.StatementType(); err != nil || kind != duckdb.STATEMENT_TYPE_SELECT {
		return errors.Join(err, refuse(codeReadOnly, "only SELECT statements are answered"))
	}
	count, err := s.ColumnCount()
	p.columns, p.open = nil, false
	for i := 0; err == nil && i < count; i++ {
		var c column
		c, err = p.describeColumn(s, i)
		p.columns = append(p.columns, c)
	}
	return err
}

// mostParameters is what the protocol can carry.
const mostParameters = 1<<16 - 1

func (p *prepared) describeParameters(s *duckdb.Stmt, types []uint32) error {
	p.parameters = make([]uint32, max(len(types), s.NumInput()))
	copy(p.parameters, types)
	cast := castParameters(p.text)
	for i := 1; i <= s.NumInput(); i++ {
		name, err := s.ParamName(i)
		if err != nil {
			return err
		}
		number, err := strconv.Atoi(name)
		if err != nil || number < 1 || number > mostParameters {
			return refuse(codeSyntax, "there is no parameter $%s", name).hint("write parameters as $1, $2 …")
		}
		p.parameters = append(p.parameters, make([]uint32, max(0, number-len(p.parameters)))...)
		p.order = append(p.order, number-1)
		kind, err := s.ParamType(i)
		if left := &p.parameters[number-1]; *left == 0 || *left == pgtype.UnknownOID {
			*left = parameterType(kind, err)
			if oid, isCast := cast[name]; isCast {
				*left = oid
			}
		}
	}
	for i, oid := range p.parameters {
		if oid == 0 || oid == pgtype.UnknownOID {
			p.parameters[i] = pgtype.TextOID
		}
	}
	return nil
}

// castTypes are the types that a parameter is taken to be of where the statement casts it, by the names in use.
var castTypes = map[string]uint32{
	"bool": pgtype.BoolOID, "boolean": pgtype.BoolOID, "smallint": pgtype.Int2OID, "int2": pgtype.Int2OID, "int": pgtype.Int4OID,
	"integer": pgtype.Int4OID, "int4": pgtype.Int4OID, "bigint": pgtype.Int8OID, "int8": pgtype.Int8OID, "numeric": pgtype.NumericOID,
	"decimal": pgtype.NumericOID, "real": pgtype.Float4OID, "float4": pgtype.Float4OID, "double": pgtype.Float8OID, "float8": pgtype.Float8OID,
	"date": pgtype.DateOID, "time": pgtype.TimeOID, "timestamp": pgtype.TimestampOID, "timestamptz": pgtype.TimestamptzOID,
	"interval": pgtype.IntervalOID, "uuid": pgtype.UUIDOID, "uinteger": pgtype.OIDOID, "text": pgtype.TextOID, "varchar": pgtype.TextOID,
}

// castParameters finds parameters that are cast where they stand, $1::date or cast($1 as date): as in PostgreSQL, such a
// parameter is of that type, while the engine leaves it open.
func castParameters(text string) map[string]uint32 {
	found := map[string]uint32{}
	tokens := lex(text)
	for i, t := range tokens {
		if t.kind != parameter || i+2 >= len(tokens) {
			continue
		}
		var kind []token
		switch {
		case tokens[i+1].text == ":" && tokens[i+2].text == ":" && i+3 < len(tokens):
			kind = tokens[i+3:]
		case tokens[i+1].is("as"):
			kind = tokens[i+2:]
		default:
			continue
		}
		if oid, known := castTypes[strings.ToLower(kind[0].text)]; known {
			if len(kind) > 2 && kind[1].text == "[" && kind[2].text == "]" {
				oid = arrayTypes[oid]
			}
			found[t.text[1:]] = oid
		}
	}
	return found
}

func parameterType(kind duckdb.Type, err error) uint32 {
	if t, known := scalarTypes[kind]; err == nil && known {
		return t.oid
	}
	if kind == duckdb.TYPE_DECIMAL {
		return pgtype.NumericOID
	}
	return pgtype.TextOID
}

func (p *prepared) describeColumn(s *duckdb.Stmt, i int) (column, error) {
	name, err := s.ColumnName(i)
	if err != nil {
		return column{}, err
	}
	c := column{name: named(name), dataType: textType}
	// Of what depends on a parameter the engine may know no type even so: it is sent as text.
	if kind, err := s.ColumnType(i); err == nil && kind == duckdb.TYPE_INVALID {
		p.open = true
		return c, nil
	}
	info, err := s.ColumnTypeInfo(i)
	if err == nil {
		c.dataType, err = announced(info)
	}
	if c.oid == pgtype.TextOID && catalog.IsVector(c.name) {
		c.oid = catalog.VectorOID
	}
	var refusal *Refusal
	if err != nil && !errors.As(err, &refusal) {
		err = refuse(codeNotSupported, "column %q is of a type that cannot be sent", name).hint("cast it: cast(… as varchar)")
	}
	return c, err
}

// withCasts is the statement with each parameter cast to its type: the engine is given texts.
func (p *prepared) withCasts(arguments []*string) string {
	return p.replaced(func(n int, text string) string {
		name, value := "", ""
		if n < len(arguments) && arguments[n] != nil {
			value = *arguments[n]
		}
		if value != "" || n < len(arguments) && p.parameters[n] != pgtype.NumericOID {
			name = castFor(p.parameters[n], value)
		}
		if name == "" {
			return text
		}
		return "cast(" + text + " as " + name + ")"
	})
}

// typed is the statement with a value of its type in the place of each parameter.
func (p *prepared) typed() string {
	return p.replaced(func(n int, _ string) string {
		if name := castNames[p.parameters[n]]; name != "" {
			return "cast(null as " + name + ")"
		}
		if p.parameters[n] == pgtype.NumericOID {
			return "cast(null as decimal(38, 10))"
		}
		return "'" + strconv.Itoa(n) + "'" // each its own: they may be names, of which none may come twice
	})
}

// replaced is the statement with another text in the place of each parameter, which are counted from 0.
func (p *prepared) replaced(by func(n int, text string) string) string {
	var b strings.Builder
	at := 0
	for _, t := range lex(p.text) {
		if t.kind != parameter {
			continue
		}
		if n, err := strconv.Atoi(t.text[1:]); err == nil && n >= 1 && n <= len(p.parameters) {
			b.WriteString(p.text[at:t.start] + by(n-1, t.text))
			at = t.end
		}
	}
	return b.String() + p.text[at:]
}

func (p *prepared) inOrder(arguments []*string) []*string {
	ordered := make([]*string, len(p.order))
	for i, n := range p.order {
		ordered[i] = arguments[n]
	}
	return ordered
}

// folded is a statement with its unquoted names in lower case, as PostgreSQL takes them, and without what ends it.
func folded(text string) string {
	var b strings.Builder
	at := 0
	for _, t := range lex(text) {
		if t.kind == word {
			b.WriteString(text[at:t.start] + strings.ToLower(t.text))
			at = t.end
		}
	}
	b.WriteString(text[at:])
	return strings.TrimRight(b.String(), "; \t\r\n")
}
