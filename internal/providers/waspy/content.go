package waspy

import (
	"encoding/json"
	"strings"

	"bandeja/internal/inbox"
	"bandeja/internal/providers/rest"
)

// kind reads a message's type. Only the seven that can be sent and text on
// reading are documented (§11); the others are WhatsApp's own words for what a
// customer can send.
func kind(word rest.Word) inbox.Kind {
	switch strings.ToLower(string(word)) {
	case "text":
		return inbox.Text
	case "image":
		return inbox.Image
	case "audio", "voice", "ptt":
		return inbox.Audio
	case "video":
		return inbox.Video
	case "document", "file":
		return inbox.Document
	case "sticker":
		return inbox.Sticker
	case "location":
		return inbox.Location
	case "contact", "contacts":
		return inbox.ContactCard
	case "template":
		return inbox.Template
	case "interactive", "button", "button_reply", "list_reply", "list":
		return inbox.Interactive
	case "reaction":
		return inbox.Reaction
	}
	return inbox.KindUnknown
}

// text gathers every word that a message carries: what is written, captions,
// file names, the words of templates, buttons, list replies and places, names
// and numbers of contact cards, the emoji of a reaction. Content is shown as
// {"text":…} on one page and {"body":…} on another (§13.1); a plain string,
// null and everything of WhatsApp's own shapes are taken too.
func (m messageJSON) text() string {
	template := kind(m.Type) == inbox.Template
	lines := rest.Lines(m.Content, func(key string) rest.Part {
		if template && strings.EqualFold(key, "name") {
			return rest.Enter // how the team calls it, not what the customer reads
		}
		return part(key)
	})
	if len(lines) == 0 {
		lines = rest.Lines(m.Content, part)
	}
	if len(lines) == 0 {
		lines = place(m.Content, 1)
	}
	if len(lines) == 0 {
		lines = rest.AddLine(nil, string(m.TemplateName))
	}
	return strings.Join(lines, "\n")
}

// part says which keys of content a person would read.
func part(key string) rest.Part {
	switch strings.ToLower(key) {
	case "", "text", "body", "caption", "filename", "file_name", "title", "description", "footer", "header", "subject",
		"name", "formatted_name", "formattedname", "fullname", "phone", "phonenumber", "phone_number", "email", "org", "company",
		"address", "emoji", "display_text", "displaytext", "buttontext", "button_text":
		return rest.Take
	case "context", "quoted", "quotedmessage", "replyto", "reply_to", "metadata", "raw", "language", "errors":
		return rest.Skip
	}
	return rest.Enter
}

// place gives the coordinates of a location that has neither name nor address:
// all the words it has.
func place(content []byte, deep int) []string {
	if !rest.IsObject(content) {
		return nil
	}
	var at struct {
		Latitude  rest.Word       `json:"latitude"`
		Longitude rest.Word       `json:"longitude"`
		Location  json.RawMessage `json:"location"`
	}
	if json.Unmarshal(content, &at) != nil {
		return nil
	}
	if rest.IsObject(at.Location) && deep > 0 {
		return place(at.Location, deep-1)
	}
	if at.Latitude == "" || at.Longitude == "" {
		return nil
	}
	return []string{string(at.Latitude) + ", " + string(at.Longitude)}
}
