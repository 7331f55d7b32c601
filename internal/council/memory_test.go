package council

import "testing"

func TestAmountsOfMemoryAreAsTheEngineReadsThem(t *testing.T) {
	for text, want := range map[string]int64{
		"512MB": 512_000_000, "1GB": 1_000_000_000, "1.5 GiB": 3 << 29, "100KB": 100_000, "2TiB": 2 << 40, "a lot": 0, "64KiB": 64 << 10,
	} {
		if got := bytesOf(text); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

func TestAProcessMayHoldMoreThanItsEngine(t *testing.T) {
	s := Default()
	s.Audiences = append(s.Audiences, s.Audiences[0])
	s.Serve.MemoryLimit, s.Warehouse.MemoryLimit = "1GiB", "2GiB"
	if got := s.ServerLimit(); got != 4<<30+512<<20 {
		t.Errorf("the server may hold %d", got)
	}
	if got := s.Warehouse.ProcessLimit(); got != 4<<30+512<<20 {
		t.Errorf("a run may hold %d", got)
	}
}
