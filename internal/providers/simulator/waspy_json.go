package simulator

import "strings"

// appendChat adds the conversation object (waspy.md §6). A list and a single
// GET give the same.
func (o *Office) appendChat(dst []byte, c *chat) []byte {
	start := len(dst)
	dst = append(dst, `{"id":`...)
	dst = appendString(dst, c.id)
	dst = appendField(dst, "contactId", c.contact.id)
	dst = appendField(dst, "phoneNumberId", c.channel)
	dst = appendField(dst, "status", c.status)
	dst = append(dst, `,"assignedTo":`...)
	dst = appendNullable(dst, c.assigned)
	dst = append(dst, `,"lastMessageAt":`...)
	dst = appendMillis(dst, c.lastAt)
	if c.lastAt == 0 {
		dst = append(dst, `,"lastMessagePreview":null,"lastMessageDirection":null,"lastMessageStatus":null`...)
	} else {
		dst = appendField(dst, "lastMessagePreview", c.preview)
		dst = appendField(dst, "lastMessageDirection", waspyDirection(c.lastOut))
		dst = appendField(dst, "lastMessageStatus", c.lastStatus)
	}
	dst = append(dst, `,"serviceWindowExpiresAt":`...)
	dst = appendMillis(dst, c.windowEnd)
	dst = append(dst, `,"createdAt":`...)
	dst = appendMillis(dst, c.created)
	dst = append(dst, `,"contact":{"id":`...)
	dst = appendString(dst, c.contact.id)
	dst = appendField(dst, "phoneNumber", c.contact.phone)
	d := dice(mix(c.seed, 60))
	odd := d.n(100)
	switch {
	case c.contact.name != "":
		dst = appendField(dst, "name", c.contact.name)
	case odd < 60:
		dst = append(dst, `,"name":null`...)
	case odd < 80:
		dst = append(dst, `,"name":""`...)
	}
	dst = append(dst, '}')
	// Fields that no contract has.
	switch odd = d.n(100); {
	case odd < 6:
		dst = append(dst, `,"labels":null,"aiEnabled":false`...)
	case odd < 10:
		dst = append(dst, `,"score":12345678901234567890.10`...)
	case odd < 13:
		dst = append(dst, `,"metadata":{"source":"web","utm":["otoño","promo"],"ratio":1.50}`...)
	}
	dst = append(dst, '}')
	if o.edits == nil {
		return dst
	}
	return o.edited(dst, start, waspyName, c.id, "")
}

func waspyDirection(out bool) string {
	if out {
		return "outbound"
	}
	return "inbound"
}

// appendWaspyMessage adds the message object (waspy.md §10).
func (o *Office) appendWaspyMessage(dst []byte, c *chat, m *message, v voice) []byte {
	odd := m.odd(2)
	start := len(dst)
	dst = append(dst, `{"id":"`...)
	dst = appendUUID(dst, mix(c.seed, seedMessage), uint64(m.n))
	dst = append(dst, '"')
	dst = appendField(dst, "conversationId", c.id)
	dst = appendField(dst, "direction", waspyDirection(m.out))
	word := kindNames[m.kind()]
	k := odd.n(1000)
	if m.kind() == kindList {
		word = "interactive"
	} else if m.kind() == kindSticker && k < 350 {
		word = "unsupported"
	}
	dst = appendField(dst, "type", word)
	dst = append(dst, `,"content":`...)
	dst = appendWaspyContent(dst, c, m, v, k)
	dst = appendField(dst, "status", m.status)
	dst = append(dst, `,"waMessageId":`...)
	if m.status == "pending" || m.status == "queued" {
		dst = append(dst, "null"...)
	} else {
		dst = append(dst, `"wamid.HBgL`...)
		dst = append(appendHex(dst, mix(mix(c.seed, uint64(m.n)), 9), 16), '"')
	}
	dst = append(dst, `,"createdAt":`...)
	dst = appendMillis(dst, m.at)
	switch k = odd.n(1000); { // fields that only the webhook documents, or nobody
	case k < 60:
		dst = append(dst, `,"sentByAi":false,"campaignId":null`...)
	case k < 70:
		dst = append(dst, `,"cost":12345678901234567890.10`...)
	case k < 800 && m.status == "failed":
		dst = append(dst, `,"errorCode":131047,"errorMessage":"Re-engagement message"`...)
	}
	dst = append(dst, '}')
	if o.edits == nil {
		return dst
	}
	return o.edited(dst, start, waspyName, c.id, c.messageID(m))
}

// appendWaspyContent adds the content: text in the shapes that were seen or
// may be (waspy.md §11), the rest in Meta's form, which Waspy passes on when
// sending. k of 1000 draws the shape.
func appendWaspyContent(dst []byte, c *chat, m *message, v voice, k int) []byte {
	text := m.says(v)
	switch m.kind() {
	case kindText:
		switch {
		case k < 820 || m.turn == nil:
			dst = appendString(append(dst, `{"text":`...), text)
		case k < 940:
			dst = appendString(append(dst, `{"body":`...), text)
		case k < 975:
			dst = appendString(append(dst, `{"text":{"body":`...), text)
			return append(dst, "}}"...)
		default:
			return appendString(dst, text)
		}
		return append(dst, '}')
	case kindSticker:
		if k < 350 {
			return append(dst, "null"...)
		}
	}
	return appendMeta(dst, c.seed, m, v, text)
}

// appendMeta adds what is no plain text, in Meta's form.
func appendMeta(dst []byte, seed uint64, m *message, v voice, text string) []byte {
	carries := m.carries(v)
	ref := mix(seed, uint64(m.n)+7)
	switch m.kind() {
	case kindImage, kindVideo, kindAudio, kindDocument, kindSticker:
		return append(appendMedia(dst, ref, m.kind(), carries, text), '}')
	case kindLocation:
		name, address, _ := strings.Cut(carries, "|")
		dst = append(dst, [...]string{argentina: `{"latitude":-34.603722,"longitude":-58.381592`, mexico: `{"latitude":19.418100,"longitude":-99.161200`}[v.land]...)
		dst = appendField(dst, "name", name)
		dst = appendField(dst, "address", address)
	case kindContacts:
		dst = appendString(append(dst, `{"contacts":[{"name":{"formatted_name":`...), carries)
		dst = append(dst, [...]string{argentina: `},"phones":[{"phone":"+54 9 11 5550-1200","type":"WORK"}]}]`, mexico: `},"phones":[{"phone":"+52 55 5550 1200","type":"WORK"}]}]`}[v.land]...)
	case kindTemplate:
		dst = appendString(append(dst, `{"name":`...), carries)
		dst = append(dst, [...]string{argentina: `,"language":{"code":"es_AR"}`, mexico: `,"language":{"code":"es_MX"}`}[v.land]...)
		dst = appendField(dst, "body", text)
	case kindInteractive:
		dst = appendString(append(dst, `{"type":"button","body":{"text":`...), text)
		dst = append(dst, `},"action":{"buttons":[`...)
		for i, title := range strings.Split(carries, "|") {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, `{"type":"reply","reply":{"id":"b`...)
			dst = appendField(append(dst, byte('1'+i%9), '"'), "title", title)
			dst = append(dst, "}}"...)
		}
		dst = append(dst, "]}"...)
	case kindButton:
		dst = appendString(append(dst, `{"text":`...), carries)
		dst = append(dst, `,"payload":"b1"`...)
	case kindList:
		title, about, _ := strings.Cut(carries, "|")
		dst = append(dst, `{"type":"list_reply","list_reply":{"id":"l1"`...)
		dst = appendField(dst, "title", title)
		dst = append(appendField(dst, "description", about), '}')
	case kindReaction:
		dst = appendString(append(dst, `{"emoji":`...), carries)
		dst = appendHex(append(dst, `,"message_id":"wamid.HBgL`...), ref, 16)
		dst = append(dst, '"')
	default:
		dst = appendString(append(dst, `{"note":`...), carries)
		dst = appendField(dst, "text", text)
	}
	return append(dst, '}')
}

// appendMedia adds a media object, open at its end.
func appendMedia(dst []byte, ref uint64, k kind, name, caption string) []byte {
	file, mime := [...]string{kindImage: "jpg", kindAudio: "ogg", kindVideo: "mp4", kindDocument: "pdf", kindSticker: "webp"},
		[...]string{kindImage: "image/jpeg", kindAudio: "audio/ogg; codecs=opus", kindVideo: "video/mp4", kindDocument: "application/pdf", kindSticker: "image/webp"}
	dst = appendHex(append(dst, `{"url":"https://media.example.com/`...), ref, 16)
	dst = append(append(append(dst, '.'), file[k]...), '"')
	dst = appendField(dst, "mimeType", mime[k])
	if k == kindDocument {
		dst = appendField(dst, "filename", name)
	}
	if k == kindAudio {
		dst = append(dst, `,"voice":true`...)
	}
	if caption != "" {
		dst = appendField(dst, "caption", caption)
	}
	return dst
}
