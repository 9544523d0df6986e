package simulator

import (
	"strconv"
	"strings"
)

// appendSession adds the conversation object (platica.md §7.3), with its
// messages when a single one was asked for.
func (o *Office) appendSession(dst []byte, s *session, withMessages bool) []byte {
	c := s.client
	d := dice(mix(s.seed, 90))
	start := len(dst)
	dst = appendString(append(dst, `{"id":`...), s.id)
	dst = appendField(dst, "conversationId", c.public)
	dst = append(dst, `,"canSendDirectMessage":`...)
	dst = strconv.AppendBool(dst, s.canSend)
	dst = appendField(dst, "workspaceId", c.space.id)
	dst = appendField(dst, "channelId", c.channel)
	odd := d.n(100)
	dst = append(dst, `,"contactName":`...)
	if c.name == "" && odd < 30 {
		dst = append(dst, `""`...)
	} else {
		dst = appendNullable(dst, c.name)
	}
	if c.phone != "" || odd < 50 {
		dst = appendNullable(append(dst, `,"phoneNumber":`...), c.phone)
	}
	dst = appendField(dst, "topic", s.topic)
	dst = appendField(dst, "platform", c.platform)
	dst = appendField(dst, "status", s.status)
	dst = appendField(dst, "operation", s.operation)
	dst = strconv.AppendInt(append(dst, `,"messageCount":`...), int64(s.count), 10)
	dst = append(dst, `,"messages":[`...)
	if withMessages {
		msgs, voice := o.sessionMessages(s), o.sessionVoice(s)
		for i := range msgs {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = o.appendPlaticaMessage(dst, s, &msgs[i], voice)
		}
	}
	dst = append(dst, `],"owners":`...)
	if odd = d.n(100); len(s.owners) == 0 && odd < 15 {
		dst = append(dst, "null"...)
	} else {
		dst = appendStrings(dst, s.owners)
	}
	switch odd = d.n(100); {
	case len(s.tags) > 0 || odd < 50:
		dst = appendStrings(append(dst, `,"tags":`...), s.tags)
	case odd < 80:
		dst = append(dst, `,"tags":null`...)
	}
	dst = appendTime(append(dst, `,"creationDate":`...), s.created)
	dst = appendTime(append(dst, `,"lastUpdate":`...), s.updated)
	switch odd = d.n(100); { // fields that no contract has
	case odd < 5:
		dst = append(dst, `,"sentByAi":false,"campaignId":null`...)
	case odd < 8:
		dst = append(dst, `,"sentiment":12345678901234567890.10`...)
	case odd < 11:
		dst = append(dst, `,"referral":{"source":"ad","headline":"Promo de otoño","weights":[1.0,0.50,1e3]}`...)
	}
	dst = append(dst, '}')
	if o.edits == nil {
		return dst
	}
	return o.edited(dst, start, platicaName, s.id, "")
}

// platicaKinds are Plática's words: those of sending (platica.md §8.2), where
// it has one.
var platicaKinds = [...]string{"text", "image", "audio", "video", "file", "sticker", "location", "contacts",
	"template", "interactive", "button", "interactive", "reaction", "order"}

// appendPlaticaMessage adds the message object (platica.md §8.2).
func (o *Office) appendPlaticaMessage(dst []byte, s *session, m *message, v voice) []byte {
	odd := m.odd(2)
	k := odd.n(1000)
	start := len(dst)
	dst = append(dst, `{"id":"`...)
	dst = s.appendMessageID(dst, m)
	dst = append(dst, `","content":`...)
	dst = appendPlaticaContent(dst, s, m, v, k)
	dst = appendField(dst, "contentType", platicaKinds[m.kind()])
	direction, role, owner := "incoming", "user", "user_"
	if m.out {
		direction, role, owner = "outgoing", "assistant", "agent_"
		if m.human {
			role, owner = "operator", "user_"
		}
	}
	dst = appendField(dst, "direction", direction)
	dst = appendField(dst, "role", role)
	dst = appendField(dst, "status", m.status)
	dst = appendTime(append(dst, `,"creationDate":`...), m.at)
	updated := m.updated
	if updated == 0 {
		updated = m.at
	}
	dst = appendTime(append(dst, `,"lastUpdate":`...), updated)
	if k = odd.n(1000); k < 30 {
		dst = append(dst, `,"owner":null`...)
	} else {
		who := mix(s.client.seed, 3)
		if m.out {
			who = mix(s.client.space.seed(), uint64(odd.n(4)))
		}
		dst = append(append(dst, `,"owner":{"id":"`...), owner...)
		dst = append(appendHex(dst, who, 8), `"}`...)
	}
	dst = appendPlaticaFiles(dst, s, m, v, k)
	if odd.n(1000) < 40 { // fields that no contract has
		dst = append(dst, `,"sentByAi":false,"tokens":12345678901234567890.10`...)
	}
	dst = append(dst, '}')
	if o.edits == nil {
		return dst
	}
	return o.edited(dst, start, platicaName, s.id, s.messageID(m))
}

func (s *session) appendMessageID(dst []byte, m *message) []byte {
	return appendHex(append(dst, "msg_"...), mix(mix(s.seed, seedMessage), uint64(m.n)), 16)
}

func (s *session) messageID(m *message) string { return string(s.appendMessageID(nil, m)) }

func (ws *workspace) seed() uint64 { return slotSeed(ws.id) }

// appendPlaticaContent adds the content: a string in every sample; objects as
// when sending now and then, since nothing rules them out.
func appendPlaticaContent(dst []byte, s *session, m *message, v voice, k int) []byte {
	text := m.says(v)
	switch m.kind() {
	case kindText, kindTemplate:
		if m.turn != nil && k < 40 {
			return append(appendString(append(dst, `{"text":`...), text), '}')
		}
		return appendString(dst, text)
	case kindImage:
		if k < 250 {
			dst = append(dst, `{"image":`...)
			return append(appendMedia(dst, mix(s.seed, uint64(m.n)), kindImage, "", text), "}}"...)
		}
		return appendString(dst, text)
	case kindAudio, kindVideo, kindDocument, kindSticker:
		if k < 200 {
			return append(dst, "null"...)
		}
		return appendString(dst, text)
	case kindButton:
		return appendString(dst, m.carries(v))
	}
	return appendMeta(dst, s.seed, m, v, text)
}

// appendPlaticaFiles adds images and files, whose elements no sample shows:
// both the shapes that are likely.
func appendPlaticaFiles(dst []byte, s *session, m *message, v voice, k int) []byte {
	ref := mix(s.seed, uint64(m.n)+7)
	dst = append(dst, `,"images":[`...)
	if m.kind() == kindImage {
		if k < 500 {
			dst = append(appendHex(append(dst, `"https://media.example.com/`...), ref, 16), `.jpg"`...)
		} else {
			dst = append(appendHex(append(dst, `{"url":"https://media.example.com/`...), ref, 16), `.jpg","mimeType":"image/jpeg"}`...)
		}
	}
	dst = append(dst, `],"files":[`...)
	switch m.kind() {
	case kindAudio, kindVideo, kindDocument, kindSticker:
		name := m.carries(v)
		if name == "" {
			name = "archivo"
		}
		dst = append(appendMedia(dst, ref, m.kind(), name, ""), '}')
	}
	return append(dst, ']')
}

// hasTag says whether the session has any of the tags.
func (s *session) hasTag(any []string) bool {
	for _, tag := range s.tags {
		for _, want := range any {
			if strings.EqualFold(tag, want) {
				return true
			}
		}
	}
	return false
}
