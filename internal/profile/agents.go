package profile

import "context"

// sayMe notes which agent of an account uses this profile, "" for none.
func (in *Inbox) sayMe(ctx context.Context, account, ref string) error {
	me := ref != ""
	if !me {
		mine, ok, err := in.local.Me(ctx, account)
		if err != nil || !ok {
			return err
		}
		ref = mine
	}
	if err := in.local.NameAgent(ctx, account, ref, nil, &me); err != nil {
		return err
	}
	in.server.Events().State()
	in.server.Events().Everything() // which are one's own
	return nil
}
