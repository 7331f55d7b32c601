package csvdrop

import (
	"bytes"
	"fmt"
	"io"
	"testing"
)

// sample is a file of 11 columns such as a council's case system exports, a tenth of its rows with quoted text.
func sample(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("ref,uprn,raised,closed,priority,cost,hours,ward,period,done,description\r\n")
	for i := range rows {
		description := "Boiler: no hot water, second visit"
		if i%10 != 0 {
			description = "Leak under the sink of the kitchen"
		} else {
			description = `"` + description + `"`
		}
		fmt.Fprintf(&b, "R%07d,%012d,%02d/%02d/2025,2025-%02d-%02d,Urgent,%d.%02d,%d,E0501%04d,2024/25,%s,%s\r\n",
			i, 100000000000+i*37, i%28+1, i%12+1, i%12+1, i%28+1, i%5000, i%100, i%48, i%21+1000, []string{"Y", "N"}[i%2], description)
	}
	return b.Bytes()
}

// BenchmarkFloor counts lines: no reader can be faster.
func BenchmarkFloor(b *testing.B) {
	text := sample(200_000)
	b.SetBytes(int64(len(text)))
	buf := make([]byte, chunkSize)
	for b.Loop() {
		in, lines := bytes.NewReader(text), 0
		for {
			n, err := in.Read(buf)
			lines += bytes.Count(buf[:n], []byte{'\n'})
			if err == io.EOF {
				break
			}
		}
		if lines != 200_001 {
			b.Fatal(lines)
		}
	}
}

func BenchmarkReader(b *testing.B) {
	text := sample(200_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r, err := NewReader(bytes.NewReader(text), DefaultFormat())
		if err != nil {
			b.Fatal(err)
		}
		r.Width = 11
		records := 0
		for {
			record, err := r.Next()
			if err == io.EOF {
				break
			}
			if record.Damage != "" {
				b.Fatal(record.Damage)
			}
			records++
		}
		if records != 200_001 {
			b.Fatal(records)
		}
	}
}
