package pgwire

import (
	"context"
	"sync"
)

// A queue lets so many statements run at once. One account never has all the turns where there is more than one, so that
// its heavy statements do not keep out everybody else.
type queue struct {
	turns chan struct{}

	mu       sync.Mutex
	accounts map[string]chan struct{}
}

func newQueue(most int) *queue {
	return &queue{turns: make(chan struct{}, most), accounts: map[string]chan struct{}{}}
}

// turn waits until a statement of an account may run. What it gives ends the turn; more than once is fine.
func (q *queue) turn(ctx context.Context, account string) (leave func(), err error) {
	own := q.of(account)
	select {
	case own <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	select {
	case q.turns <- struct{}{}:
	case <-ctx.Done():
		<-own
		return nil, context.Cause(ctx)
	}
	return sync.OnceFunc(func() { <-q.turns; <-own }), nil
}

func (q *queue) of(account string) chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	own, there := q.accounts[account]
	if !there { // only who has signed in comes here
		own = make(chan struct{}, max(1, cap(q.turns)-1))
		q.accounts[account] = own
	}
	return own
}
