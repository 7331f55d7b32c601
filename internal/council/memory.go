package council

import (
	"math/big"
	"regexp"
	"strings"
)

// What a process holds beside what the engine's limit counts: the program itself, rows on their way, texts that a statement makes.
const beside = 512 << 20

// ProcessLimit is how much memory the process of a run may hold.
func (w Warehouse) ProcessLimit() int64 { return 2*bytesOf(w.MemoryLimit) + beside }

// ServerLimit is how much memory the server may hold: of each audience, the release that is read and the one before it.
func (s Settings) ServerLimit() int64 {
	return 2*int64(len(s.Audiences))*bytesOf(s.Serve.MemoryLimit) + beside
}

// ScheduleLimit is how much memory the scheduler may hold, which opens no engine.
const ScheduleLimit int64 = beside

var memorySize = regexp.MustCompile(`^([1-9][0-9]{0,11}(?:\.[0-9]+)?) ?(KB|MB|GB|TB|KiB|MiB|GiB|TiB)$`)

// mostBytes is far above what any machine has, and leaves room for sums of several.
const mostBytes = 1 << 60

// bytesOf is an amount of memory or disk, which Validate has found to be one; 0 where there is none.
func bytesOf(amount string) int64 {
	parts := memorySize.FindStringSubmatch(amount)
	if parts == nil {
		return 0
	}
	base := int64(1000)
	if strings.Contains(parts[2], "i") {
		base = 1024
	}
	power := int64(strings.Index("KMGT", parts[2][:1])) + 1
	number, _ := new(big.Rat).SetString(parts[1])
	number.Mul(number, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(base), big.NewInt(power), nil)))
	if whole := new(big.Int).Quo(number.Num(), number.Denom()); whole.IsInt64() {
		return min(whole.Int64(), mostBytes)
	}
	return mostBytes
}
