package warehouse

import (
	"context"
	"fmt"
)

// settleRepeats sees to rows of one key: they are set aside, or numbered where the dataset has no key.
func (l *landing) settleRepeats(ctx context.Context, s *statements) error {
	repeated, err := l.findRepeatedKeys(ctx, s)
	if err != nil || !repeated {
		return err
	}
	if len(l.arrival.Table.Key) == 0 {
		return l.exec(ctx, s.text("number repeats"))
	}
	if err := l.exec(ctx, s.text("find repeats")); err != nil {
		return err
	}
	var set int64
	if err := l.query(ctx, "select count(*) from repeats", &set); err != nil {
		return err
	}
	l.counts.Quarantined += set
	if err := l.exec(ctx, s.text("quarantine repeats"), l.id); err != nil {
		return err
	}
	return l.exec(ctx, s.text("remove repeats"))
}

// rowsAPart is how many keys are looked at together for repeats: some 70 MB in the engine.
const rowsAPart = 1_000_000

func (l *landing) findRepeatedKeys(ctx context.Context, s *statements) (found bool, err error) {
	var rows int64
	if err := l.query(ctx, "select count(*) from "+s.Landed, &rows); err != nil {
		return false, err
	}
	if err := l.exec(ctx, "create temp table repeated_keys (_key_hash uuid)"); err != nil {
		return false, err
	}
	for _, part := range hashParts(rows/rowsAPart + 1) {
		if err := l.exec(ctx, s.text("find repeated keys"), part[0], part[1]); err != nil {
			return false, err
		}
	}
	err = l.query(ctx, "select count(*) > 0 from repeated_keys", &found)
	return found, err
}

// hashParts cuts the hashes into n parts of one size, each with its least and its greatest hash.
func hashParts(n int64) (parts [][2]string) {
	const all = 1 << 16 // by the first 16 bits
	for i := range n {
		least, next := i*all/n, (i+1)*all/n
		parts = append(parts, [2]string{
			fmt.Sprintf("%04x0000-0000-0000-0000-000000000000", least),
			fmt.Sprintf("%04xffff-ffff-ffff-ffff-ffffffffffff", next-1),
		})
	}
	return parts
}
