package warehouse

import (
	"context"
	"encoding/binary"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// A gift is rows of ours for the engine: numbers, and hashes in the columns whose names end so.
type gift struct{ *array.RecordBuilder }

func newGift(columns ...string) gift {
	var fields []arrow.Field
	for _, name := range columns {
		field := arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Int64}
		if strings.HasSuffix(name, "_hash") {
			field = hashField(name)
		}
		fields = append(fields, field)
	}
	return gift{array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))}
}

func (g gift) number(column int, value int64) { g.Field(column).(*array.Int64Builder).Append(value) }

func (g gift) hash(column int, high, low uint64) {
	text := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, high), low)
	g.Field(column).(*array.FixedSizeBinaryBuilder).Append(text)
}

// give has the engine run a statement over the rows gathered, which it finds as batch, once there are so many.
func (l *landing) give(ctx context.Context, g gift, statement string, least int) error {
	if g.Field(0).Len() < least {
		return nil
	}
	batch := g.NewRecordBatch()
	defer batch.Release()
	rows, err := array.NewRecordReader(batch.Schema(), []arrow.RecordBatch{batch})
	if err != nil {
		return err
	}
	defer rows.Release()
	return duckdb.WithView(l.w.conn, rows, "batch", func() error { return l.exec(ctx, statement) })
}

// hashField is a column of hashes, which the engine takes for its type uuid.
func hashField(name string) arrow.Field {
	return arrow.Field{
		Name: name, Type: &arrow.FixedSizeBinaryType{ByteWidth: bytesOfHash},
		Metadata: arrow.NewMetadata([]string{"ARROW:extension:name", "ARROW:extension:metadata"}, []string{"arrow.uuid", ""}),
	}
}
