package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"

	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/duckdb/duckdb-go/v2"
)

// A Stream is the answer to a statement, chunk by chunk as the engine makes it, so that a large answer needs little memory.
// It is for one goroutine, and its connection is for nothing else until it is closed.
type Stream struct {
	ctx      context.Context
	conn     bindings.Connection
	prepared bindings.PreparedStatement
	pending  bindings.PendingResult
	result   bindings.Result
	chunk    bindings.DataChunk
	vectors  []*Vector
	rest     func() // waits until nothing of it can stop a later statement of the connection
}

// OpenStream begins a statement with texts as its arguments, nil for null. Once ctx ends, the statement is stopped.
func OpenStream(ctx context.Context, conn *sql.Conn, statement string, arguments []*string) (*Stream, error) {
	return open(ctx, conn, statement, arguments, bindings.PendingPreparedStreaming)
}

// OpenWhole is OpenStream for an answer that is made whole before its first row is given: it takes the memory of all rows, and
// where one of them cannot be made, none is given.
func OpenWhole(ctx context.Context, conn *sql.Conn, statement string, arguments []*string) (*Stream, error) {
	return open(ctx, conn, statement, arguments, bindings.PendingPrepared)
}

// execute prepares the making of an answer.
type execute func(bindings.PreparedStatement, *bindings.PendingResult) bindings.State

func open(ctx context.Context, conn *sql.Conn, statement string, arguments []*string, how execute) (*Stream, error) {
	s := &Stream{ctx: ctx, rest: func() {}}
	err := conn.Raw(func(raw any) (err error) {
		s.conn, err = handle(raw)
		return err
	})
	if err == nil {
		err = s.begin(statement, arguments, how)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// handle is the engine's own connection beneath one of the driver, which keeps it to itself: it has no calls for answers
// that are not complete.
func handle(raw any) (bindings.Connection, error) {
	conn := reflect.ValueOf(raw)
	if conn.Type() == reflect.TypeFor[*duckdb.Conn]() {
		if inner := conn.Elem().FieldByName("conn"); inner.IsValid() && inner.Type() == reflect.TypeFor[bindings.Connection]() {
			return bindings.Connection{Ptr: inner.FieldByName("Ptr").UnsafePointer()}, nil
		}
	}
	return bindings.Connection{}, fmt.Errorf("%T is not a connection of the driver that answers can be read from in parts", raw)
}

func (s *Stream) begin(statement string, arguments []*string, how execute) error {
	if bindings.Prepare(s.conn, statement, &s.prepared) == bindings.StateError {
		return engineError(bindings.PrepareError(s.prepared))
	}
	for i, argument := range arguments {
		if err := s.bind(bindings.IdxT(i+1), argument); err != nil {
			return err
		}
	}
	if how(s.prepared, &s.pending) == bindings.StateError {
		return engineError(bindings.PendingError(s.pending))
	}
	// From here on an interrupt stays with the statement, whenever it comes.
	s.watch()
	if err := context.Cause(s.ctx); err != nil {
		return err
	}
	if bindings.ExecutePending(s.pending, &s.result) == bindings.StateError {
		return s.failed()
	}
	for i := range bindings.ColumnCount(&s.result) {
		kind := bindings.ColumnLogicalType(&s.result, i)
		s.vectors = append(s.vectors, newVector(kind))
		bindings.DestroyLogicalType(&kind)
	}
	return nil
}

func (s *Stream) bind(i bindings.IdxT, argument *string) error {
	state := bindings.StateError
	if argument == nil {
		state = bindings.BindNull(s.prepared, i)
	} else {
		state = bindings.BindVarcharLength(s.prepared, i, *argument, bindings.IdxT(len(*argument)))
	}
	if state == bindings.StateError {
		return fmt.Errorf("the statement takes no argument %d", i)
	}
	return nil
}

// watch interrupts the statement once the context ends.
func (s *Stream) watch() {
	interrupted := make(chan struct{})
	stop := context.AfterFunc(s.ctx, func() {
		defer close(interrupted)
		bindings.Interrupt(s.conn)
	})
	s.rest = func() {
		if !stop() {
			<-interrupted
		}
	}
}

// failed is why the statement ended: what its context says, or the engine.
func (s *Stream) failed() error {
	if err := context.Cause(s.ctx); err != nil {
		return err
	}
	if text := bindings.ResultError(&s.result); text != "" {
		return engineError(text)
	}
	return errors.New("the engine gives no more rows and does not say why")
}

// Columns are the answer's, which hold the rows of the chunk that Next gave last.
func (s *Stream) Columns() []*Vector { return s.vectors }

// Next makes the next chunk of rows and says how many it has; none at the end.
func (s *Stream) Next() (rows int, err error) {
	s.dropChunk()
	s.chunk = bindings.FetchChunk(s.result)
	if s.chunk.Ptr == nil {
		if text := bindings.ResultError(&s.result); text != "" || s.ctx.Err() != nil {
			return 0, s.failed()
		}
		return 0, nil
	}
	rows = int(bindings.DataChunkGetSize(s.chunk))
	for i, v := range s.vectors {
		v.point(bindings.DataChunkGetVector(s.chunk, bindings.IdxT(i)))
	}
	return rows, nil
}

func (s *Stream) dropChunk() {
	if s.chunk.Ptr != nil {
		bindings.DestroyDataChunk(&s.chunk)
		s.chunk = bindings.DataChunk{}
	}
}

// Close lets go of the answer. The connection may be used again.
func (s *Stream) Close() {
	s.rest()
	s.rest = func() {}
	s.dropChunk()
	bindings.DestroyResult(&s.result)
	bindings.DestroyPending(&s.pending)
	bindings.DestroyPrepare(&s.prepared)
}

// errorKinds are the engine's kinds of error by the words that begin its messages.
var errorKinds = map[string]duckdb.ErrorType{
	"Out of Range Error": duckdb.ErrorTypeOutOfRange, "Conversion Error": duckdb.ErrorTypeConversion,
	"Mismatch Type Error": duckdb.ErrorTypeMismatchType, "Divide by Zero Error": duckdb.ErrorTypeDivideByZero,
	"Not implemented Error": duckdb.ErrorTypeNotImplemented, "Catalog Error": duckdb.ErrorTypeCatalog,
	"Parser Error": duckdb.ErrorTypeParser, "Syntax Error": duckdb.ErrorTypeSyntax, "Binder Error": duckdb.ErrorTypeBinder,
	"INTERRUPT Error": duckdb.ErrorTypeInterrupt, "Invalid Input Error": duckdb.ErrorTypeInvalidInput,
	"Out of Memory Error": duckdb.ErrorTypeOutOfMemory, "Permission Error": duckdb.ErrorTypePermission,
}

// engineError gives the engine's message as the driver would.
func engineError(text string) error {
	kind, _, _ := strings.Cut(text, ": ")
	return &duckdb.Error{Type: errorKinds[kind], Msg: text}
}
