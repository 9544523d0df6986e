package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// edit is one member that the API gives otherwise than the office would.
type edit struct {
	path  []string
	value json.RawMessage // nil: the member is missing
}

// SetField makes the API give one member of a conversation's object as value,
// any JSON; nil leaves the member out. path names it with dots, as in
// "contact.name" or "owners.0"; "" is the whole object. It holds for lists and
// singles, and for Conversation and the like, until ClearFields.
func (o *Office) SetField(provider, conversation, path string, value json.RawMessage) error {
	return o.setField(provider, conversation, "", path, value)
}

// SetMessageField is SetField for a message's object.
func (o *Office) SetMessageField(provider, conversation, message, path string, value json.RawMessage) error {
	return o.setField(provider, conversation, message, path, value)
}

// ClearFields takes back every SetField and SetMessageField.
func (o *Office) ClearFields() {
	defer o.act("hand", 0)()
	for key, edits := range o.edits {
		name := strings.SplitN(key, " ", 3)
		for _, e := range edits {
			o.note(name[0], name[1], "json", strings.Join(e.path, "."), "")
		}
	}
	o.edits = nil
}

func (o *Office) setField(provider, conversation, message, path string, value json.RawMessage) error {
	if value != nil && !json.Valid(value) {
		return fmt.Errorf("set %q of %s: %s is not JSON", path, conversation, value)
	}
	defer o.act("hand", 0)()
	th, err := o.find("set "+strconv.Quote(path), provider, conversation)
	if err != nil {
		return err
	}
	e := edit{path: split(path), value: value}
	object, err := o.object(th, message)
	if err != nil {
		return err
	}
	if _, err = setMember(object, e.path, value); err != nil {
		return fmt.Errorf("set %q of %s: %w", path, conversation, err)
	}
	if o.edits == nil {
		o.edits = map[string][]edit{}
	}
	key := editKey(provider, conversation, message)
	o.edits[key] = append(o.edits[key], e)
	o.note(provider, conversation, "json", "", path)
	return nil
}

// split takes a path apart; "" is the whole object's.
func split(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(path, ".")
}

func editKey(provider, conversation, message string) string {
	return provider + " " + conversation + " " + message
}

// object is a conversation as its list gives it, or one of its messages.
func (o *Office) object(th thing, message string) (json.RawMessage, error) {
	switch {
	case message == "" && th.chat != nil:
		return o.appendChat(nil, th.chat), nil
	case message == "":
		return o.appendSession(nil, th.session, false), nil
	}
	msgs := *o.messagesOf(th)
	for i := range msgs {
		if th.messageID(&msgs[i]) != message {
			continue
		}
		if th.chat != nil {
			return o.appendWaspyMessage(nil, th.chat, &msgs[i], o.chatVoice(th.chat)), nil
		}
		return o.appendPlaticaMessage(nil, th.session, &msgs[i], o.sessionVoice(th.session)), nil
	}
	return nil, fmt.Errorf("%q of %s has no message %q", th.id, th.provider, message)
}

// edited applies what SetField said to the object that dst ends with, from
// start on.
func (o *Office) edited(dst []byte, start int, provider, conversation, message string) []byte {
	edits := o.edits[editKey(provider, conversation, message)]
	if len(edits) == 0 {
		return dst
	}
	object := bytes.Clone(dst[start:])
	for _, e := range edits {
		if changed, err := setMember(object, e.path, e.value); err == nil {
			object = changed
		}
	}
	return append(dst[:start], object...)
}

// member is one of an object's, or one of an array's with its index as key.
type member struct {
	key   string
	value json.RawMessage
}

// members takes an object or an array apart, in its order.
func members(raw []byte) (list []member, object bool, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	open, err := d.Token()
	if err != nil {
		return nil, false, err
	}
	object = open == json.Delim('{')
	if !object && open != json.Delim('[') {
		return nil, false, fmt.Errorf("%.40s has no members", raw)
	}
	for d.More() {
		m := member{key: strconv.Itoa(len(list))}
		if object {
			key, err := d.Token()
			if err != nil {
				return nil, object, err
			}
			m.key, _ = key.(string)
		}
		if err := d.Decode(&m.value); err != nil {
			return nil, object, err
		}
		list = append(list, m)
	}
	return list, object, nil
}

// joined puts members together again.
func joined(list []member, object bool) []byte {
	brackets := "[]"
	if object {
		brackets = "{}"
	}
	out := []byte{brackets[0]}
	for i, m := range list {
		if i > 0 {
			out = append(out, ',')
		}
		if object {
			out = append(appendString(out, m.key), ':')
		}
		out = append(out, m.value...)
	}
	return append(out, brackets[1])
}

// setMember is raw with the member at path replaced, added, or for a nil value
// left out. The rest keeps its bytes and its order.
func setMember(raw []byte, path []string, value json.RawMessage) ([]byte, error) {
	if len(path) == 0 {
		if value == nil {
			return nil, fmt.Errorf("the whole object cannot be left out")
		}
		return value, nil
	}
	list, object, err := members(raw)
	if err != nil {
		return nil, err
	}
	at := -1
	for i, m := range list {
		if m.key == path[0] {
			at = i
		}
	}
	switch {
	case at < 0 && len(path) > 1:
		return nil, fmt.Errorf("there is no %q", path[0])
	case at < 0 && value == nil:
		return raw, nil
	case at < 0:
		return joined(append(list, member{path[0], value}), object), nil
	case len(path) == 1 && value == nil:
		return joined(append(list[:at], list[at+1:]...), object), nil
	}
	if list[at].value, err = setMember(list[at].value, path[1:], value); err != nil {
		return nil, err
	}
	return joined(list, object), nil
}

// get is the member at path; nil where there is none.
func get(raw []byte, path ...string) json.RawMessage {
	for _, key := range path {
		list, _, err := members(raw)
		if err != nil {
			return nil
		}
		raw = nil
		for _, m := range list {
			if m.key == key {
				raw = m.value
			}
		}
	}
	return raw
}
