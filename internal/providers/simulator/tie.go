package simulator

import "fmt"

// Tie gives n conversations that follow each other in a provider's list, from
// place first on, one and the same time of activity, the newest one's; at
// Plática one time of creation, too. A page's edge may then fall among them.
// Plática's list is that of its first workspace, newest first. It returns
// their ids.
func (o *Office) Tie(provider string, first, n int) ([]string, error) {
	defer o.act("hand", 0)()
	switch provider {
	case waspyName:
		return o.tieChats(first, n)
	case platicaName:
		return o.tieSessions(first, n)
	}
	return nil, fmt.Errorf("tie: no provider %q", provider)
}

func (o *Office) tieChats(first, n int) ([]string, error) {
	rows := o.waspy.chats.rows
	if first < 0 || n < 1 || first+n > len(rows) || rows[first+n-1].lastAt == 0 {
		return nil, fmt.Errorf("tie at waspy: the list has no %d conversations with a time from %d on", n, first)
	}
	at := rows[first].lastAt
	var ids []string
	for _, c := range rows[first : first+n] {
		o.touchChat(c)
		o.note(waspyName, c.id, "order", stampText(c.lastAt), stampText(at))
		c.msgs[len(c.msgs)-1].at = at
		c.lastAt = at
		ids = append(ids, c.id)
	}
	o.waspy.chats.sort()
	return ids, nil
}

func (o *Office) tieSessions(first, n int) ([]string, error) {
	ws := o.platica.workspaces[0]
	last := len(ws.byUpdate.rows) - first
	if first < 0 || n < 1 || n > last {
		return nil, fmt.Errorf("tie at platica: the list has no %d conversations from %d on", n, first)
	}
	rows := ws.byUpdate.rows[last-n : last]
	at, created := rows[n-1].updated, rows[0].created
	for _, s := range rows {
		created = min(created, s.created)
	}
	var ids []string
	for _, s := range rows {
		o.stamp(s, at)
		s.created = created
		ids = append(ids, s.id)
	}
	ws.byUpdate.sort()
	ws.byCreated.sort()
	return ids, nil
}
