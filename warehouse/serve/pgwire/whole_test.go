package pgwire

import "testing"

// TestAnAnswerIsStreamedOrMadeWhole asks for many rows of which the last cannot be made.
func TestAnAnswerIsStreamedOrMadeWhole(t *testing.T) {
	for _, whole := range []bool{false, true} {
		conn := serve(t, func(c *Config) { c.Whole = whole }).connect("")
		rows, err := conn.Query(t.Context(), "select case when n = 2000000 then error('the last row') else n::varchar end from range(1, 2000001) as r (n)")
		n := 0
		for err == nil && rows.Next() {
			n++
		}
		if err == nil {
			err = rows.Err()
		}
		if err == nil || n > 0 == whole {
			t.Errorf("whole %v: %d rows and then %v", whole, n, err)
		}
	}
}
