package simulator

import "time"

// role is somebody whom the demo knows by name.
type role struct {
	name, first string
	land        country
	national    string
	ago         time.Duration // since the last message
	script      []string      // keys of stories, newest first
	status      string
	agent       int // 1-based; 0 nobody
	channel     int
}

// waspyCast are the first chats of every office, newest first.
var waspyCast = [...]role{
	{"María García", "María", argentina, "1159834410", 4 * time.Minute, []string{"maria-hoy", "maria-envio"}, "open", 1, 0},
	{"Agustina Giménez", "Agustina", argentina, "1147129083", 66 * time.Minute, []string{"agustina"}, "pending", 2, 0},
	{"", "", argentina, "2215048817", 26 * time.Hour, []string{"sin-nombre"}, "open", 0, 0},
	{"Óscar Tévez", "Óscar", argentina, "1160225147", 51 * time.Hour, []string{"oscar"}, "open", 2, 1},
	{"Yamila Valdez", "Yamila", argentina, "3515562290", 75 * time.Hour, []string{"yamila"}, "open", 1, 0},
	{"<img src=x onerror=alert('nombre')>", "", argentina, "1148005566", 9 * 24 * time.Hour, []string{"hostil-html"}, "closed", 0, 0},
	{"\u202eesrever \u200fאבג\u202c 👨‍👩‍👧‍👦", "", argentina, "1148005577", 12 * 24 * time.Hour, []string{"hostil-rtl"}, "closed", 0, 1},
	{veryLongName, "", argentina, "1148005588", 22*time.Hour + 10*time.Minute, []string{"largo"}, "open", 3, 1},
	{"Robert'); DROP TABLE contactos;--", "", mexico, "5548005599", 15 * 24 * time.Hour, []string{"hostil-nombre"}, "resolved", 0, 0},
}

const veryLongName = "María de los Ángeles Guadalupe Fernanda Sofía Xóchitl Montserrat de la Santísima Trinidad " +
	"Fernández de Córdoba y Ruiz-Cabañas Ñúñez-Echeverría viuda de Hernández-Goñi, secretaria de la Asociación Civil " +
	"Amigos de la Bicicleta y del Buen Andar de San Carlos de Bariloche y Zona de los Lagos del Sur Argentino"

// castChat is the i-th chat's, nil past the cast.
func (o *Office) castChat(i int) *chat {
	if i >= len(waspyCast) {
		return nil
	}
	r := waspyCast[i]
	seed := mix(mix(o.opts.Seed, seedChat), uint64(i))
	p := person{land: r.land, name: r.name, first: r.first, national: r.national}
	c := &chat{id: uuid(seed, 0), channel: o.waspy.channels[r.channel], status: r.status}
	c.contact = &contact{id: uuid(seed, 1), phone: "+" + p.long(), name: p.name, first: p.first, land: p.land, line: lineOf(p.long())}
	c.seed, c.done, c.script = seed, true, o.stories(r.land, r.script)
	c.last = milliseconds(o.opts.Now.Add(-r.ago).UnixNano(), nil)
	if r.agent > 0 {
		c.assigned = o.waspy.agents[r.agent-1]
	}
	return c
}

// stories finds the special stories of those keys.
func (o *Office) stories(land country, keys []string) []*story {
	var out []*story
	for _, key := range keys {
		if st := o.lexicons[land].special[key]; st != nil {
			out = append(out, st)
		}
	}
	return out
}

// regular is somebody of the cast at Plática, with their sessions.
type regular struct {
	role     // national and land as Waspy's
	form     string
	sessions []sitting // newest first
}

// sitting is one session of a regular.
type sitting struct {
	script    string
	ago       time.Duration
	status    string
	operation string
	owner     int // 1-based; 0 nobody
}

// platicaCast are the first customers of every office at Plática.
var platicaCast = [...]regular{
	{role{name: "Juan Pérez", first: "Juan", land: argentina, national: "1161477902"}, "long", []sitting{
		{"juan", 22 * time.Minute, "active", "automatic", 0},
		{"juan-antes", 6 * 24 * time.Hour, "finished", "assistance", 1}}},
	{role{name: "Mari G.", first: "Mari", land: argentina, national: "1159834410"}, "short", []sitting{
		{"maria-platica-2", 3*24*time.Hour + 5*time.Hour, "finished", "assistance", 1},
		{"maria-platica-1", 20 * 24 * time.Hour, "expired", "automatic", 0},
		{"maria-envio", 64 * 24 * time.Hour, "expired", "automatic", 0}}},
	{role{name: "Ximena Núñez", first: "Ximena", land: mexico, national: "5527604183"}, "short", []sitting{
		{"ximena", 165 * time.Minute, "active", "supervision", 4}}},
	{role{name: "Guadalupe Báez", first: "Guadalupe", land: mexico, national: "3341926650"}, "long", []sitting{
		{"guadalupe", 21*time.Hour + 30*time.Minute, "finished", "assistance", 2}}},
	{role{name: "Óscar T.", first: "Óscar", land: argentina, national: "1160225147"}, "national", []sitting{
		{"sin-nombre", 40 * 24 * time.Hour, "expired", "automatic", 0}}},
	{role{name: "💰 Gana Ya 💰", land: mexico, national: "8123459901"}, "plus", []sitting{
		{"spam", 2 * 24 * time.Hour, "spam", "automatic", 0}}},
}

func (o *Office) castClient(k int) *client {
	r := platicaCast[k]
	p := person{land: r.land, name: r.name, first: r.first, national: r.national}
	ws := o.platica.workspaces[r.land]
	c := &client{seed: mix(mix(o.opts.Seed, seedClient), uint64(k)), name: r.name, first: r.first, land: r.land,
		space: ws, channel: ws.channels[0], platform: "whatsapp"}
	switch r.form {
	case "short":
		c.phone = p.short()
	case "plus":
		c.phone = "+" + p.long()
	case "national":
		c.phone = p.national
	default:
		c.phone = p.long()
	}
	c.public = digitsOf(c.phone)
	return c
}

func (o *Office) castSessions(c *client, r regular, count int) []*session {
	var all []*session
	for i, sit := range r.sessions[:count] {
		s := o.newSession(c, uint64(len(r.sessions)-i))
		s.script, s.done = o.stories(r.land, []string{sit.script}), true
		s.last = o.opts.Now.Add(-sit.ago).UnixNano()
		s.last -= s.last % second
		s.status, s.operation = sit.status, sit.operation
		if sit.owner > 0 {
			s.owners = []string{c.space.users[sit.owner-1]}
		}
		c.sessions = append([]*session{s}, c.sessions...)
		all = append(all, s)
	}
	return all
}
