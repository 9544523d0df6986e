package query

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"bandeja/internal/inbox"
)

// Key is a filter in its one form.
type Key string

// The filters.
const (
	Status    Key = "status"
	Assignee  Key = "assignee"
	Is        Key = "is"
	Account   Key = "account"
	Channel   Key = "channel"
	Provider  Key = "provider"
	Tag       Key = "tag"
	Phone     Key = "phone"
	Expires   Key = "expires"
	Before    Key = "before"
	After     Key = "after"
	Has       Key = "has"
	Direction Key = "direction"
)

// Lang is a language that queries are written in. All are always understood.
type Lang int

// The languages.
const (
	Spanish Lang = iota
	English
)

// naming is how people write a thing: in each language the way it is shown
// first, then others.
type naming struct {
	id    string
	names [2][]string
}

// Keys lists the filters in the order in which they are offered.
var Keys = []Key{Status, Assignee, Is, Account, Channel, Provider, Tag, Phone, Expires, After, Before, Has, Direction}

var keyNames = []naming{
	{string(Status), [2][]string{{"estado"}, {"status", "state"}}},
	{string(Assignee), [2][]string{{"de", "asignado", "asignada", "agente"}, {"assignee", "assigned", "agent"}}},
	{string(Is), [2][]string{{"es"}, {"is"}}},
	{string(Account), [2][]string{{"cuenta"}, {"account"}}},
	{string(Channel), [2][]string{{"canal", "linea"}, {"channel", "line"}}},
	{string(Provider), [2][]string{{"plataforma"}, {"provider", "platform"}}},
	{string(Tag), [2][]string{{"etiqueta"}, {"tag", "label"}}},
	{string(Phone), [2][]string{{"tel", "telefono", "cel", "celular", "numero"}, {"phone", "number"}}},
	{string(Expires), [2][]string{{"vence"}, {"expires"}}},
	{string(Before), [2][]string{{"antes"}, {"before"}}},
	{string(After), [2][]string{{"después", "desde"}, {"after", "since"}}},
	{string(Has), [2][]string{{"tiene", "con"}, {"has", "with"}}},
	{string(Direction), [2][]string{{"dirección", "sentido"}, {"direction", "dir"}}},
}

// The values of `is`, in their one form.
const (
	unassigned = "unassigned"
	unread     = "unread"
	needsReply = "needs-reply"
	mine       = "mine"
	waiting    = "unsent"
	partial    = "partial"
	snoozed    = "snoozed"
)

// file is any kind of message that brings a file.
const file = "file"

var fileKinds = []inbox.Kind{inbox.Image, inbox.Audio, inbox.Video, inbox.Document}

// valueNames are the filters whose values are known beforehand. Each value is
// understood by its one form, too.
var valueNames = map[Key][]naming{
	Status: {
		{string(inbox.Open), [2][]string{{"abierta", "abierto", "activa", "activo"}, {"open", "active"}}},
		{string(inbox.Pending), [2][]string{{"pendiente"}, {"pending"}}},
		{string(inbox.Resolved), [2][]string{{"resuelta", "resuelto", "finalizada", "finalizado"}, {"resolved", "finished"}}},
		{string(inbox.Closed), [2][]string{{"cerrada", "cerrado"}, {"closed"}}},
		{string(inbox.Spam), [2][]string{{"spam"}, {"spam"}}},
		{string(inbox.Expired), [2][]string{{"vencida", "vencido", "expirada", "expirado"}, {"expired"}}},
		{string(inbox.Unknown), [2][]string{{"desconocido", "desconocida"}, {"unknown"}}},
	},
	Is: {
		{unassigned, [2][]string{{"sin-asignar"}, {"unassigned"}}},
		{unread, [2][]string{{"sin-leer", "no-leída", "no-leído"}, {"unread"}}},
		{needsReply, [2][]string{{"sin-responder", "por-responder", "pendiente-de-respuesta"}, {"needs-reply", "unanswered"}}},
		{mine, [2][]string{{"mía", "mío", "mías"}, {"mine"}}},
		{waiting, [2][]string{{"sin-enviar", "por-enviar"}, {"unsent"}}},
		{partial, [2][]string{{"incompleta", "incompleto", "parcial"}, {"partial", "incomplete"}}},
		{snoozed, [2][]string{{"pospuesta", "pospuesto"}, {"snoozed"}}},
	},
	Provider: {
		{string(inbox.Waspy), [2][]string{{"waspy"}, {"waspy"}}},
		{string(inbox.Platica), [2][]string{{"plática"}, {"plática"}}},
	},
	Has: {
		{file, [2][]string{{"archivo", "adjunto"}, {"file", "attachment"}}},
		{string(inbox.Image), [2][]string{{"imagen", "foto"}, {"image", "photo"}}},
		{string(inbox.Audio), [2][]string{{"audio", "voz"}, {"audio", "voice"}}},
		{string(inbox.Video), [2][]string{{"video"}, {"video"}}},
		{string(inbox.Document), [2][]string{{"documento"}, {"document"}}},
		{string(inbox.Sticker), [2][]string{{"sticker"}, {"sticker"}}},
		{string(inbox.Location), [2][]string{{"ubicación"}, {"location"}}},
		{string(inbox.ContactCard), [2][]string{{"contacto"}, {"contact"}}},
		{string(inbox.Template), [2][]string{{"plantilla"}, {"template"}}},
	},
	Direction: {
		{string(inbox.In), [2][]string{{"entrante", "recibido"}, {"in", "incoming"}}},
		{string(inbox.Out), [2][]string{{"saliente", "enviado"}, {"out", "outgoing"}}},
	},
}

// without are the values of `sin:` and `no:`, which are those of `is`.
var without = map[string]string{
	"asignar": unassigned, "leer": unread, "responder": needsReply, "enviar": waiting,
	"assignee": unassigned, "reply": needsReply,
}

// meNames are oneself.
var meNames = []string{"me", "yo", "mi"}

// Fold is how keys and values are compared: without accents, case, and what
// keeps words apart.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) || r == '-' || r == '_' {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}

// find is the thing of that name; written and found are folded.
func find(list []naming, written string) (id string, ok bool) {
	for _, n := range list {
		if Fold(n.id) == written || slices.ContainsFunc(slices.Concat(n.names[Spanish], n.names[English]), func(name string) bool { return Fold(name) == written }) {
			return n.id, true
		}
	}
	return "", false
}

// shown is how a thing is written in a language.
func shown(list []naming, id string, lang Lang) string {
	for _, n := range list {
		if n.id == id {
			return n.names[lang][0]
		}
	}
	return id
}

// Name is how the filter is written in a language.
func (k Key) Name(lang Lang) string { return shown(keyNames, string(k), lang) }

// KeyOf reads a filter's name in any language.
func KeyOf(name string) (Key, bool) {
	name = Fold(name)
	if name == "sin" || name == "no" {
		return Is, true
	}
	id, ok := find(keyNames, name)
	return Key(id), ok
}

// nearest are the things whose names are within two edits of what was written,
// nearest first; longer names may differ more than short ones.
func nearest(list []naming, written string) (ids []string) {
	type near struct {
		id   string
		away int
	}
	var found []near
	for _, n := range list {
		best := near{n.id, 99}
		for _, name := range append(slices.Concat(n.names[Spanish], n.names[English]), n.id) {
			name = Fold(name)
			away := distance(name, written)
			if len(written) >= 3 && strings.HasPrefix(name, written) {
				away = 1
			}
			if away <= min(2, len([]rune(name))/3) || away == 1 && len(written) >= 3 && len(name) >= 3 {
				best.away = min(best.away, away)
			}
		}
		if best.away < 99 {
			found = append(found, best)
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.away - b.away })
	for _, f := range found[:min(3, len(found))] {
		ids = append(ids, f.id)
	}
	return ids
}

// distance counts insertions, deletions, substitutions and neighbours swapped.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > 2 || len(y)-len(x) > 2 {
		return 99
	}
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}

// Alike reports whether what was written may have been meant for a name.
func Alike(name, written string) bool {
	name, written = Fold(name), Fold(written)
	return len(nearest([]naming{{id: name}}, written)) > 0
}
