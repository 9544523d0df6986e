package simulator

import "context"

// liveDesk is what is going on in a live office.
type liveDesk struct {
	dice dice
}

func (o *Office) run(ctx context.Context) { <-ctx.Done() }
