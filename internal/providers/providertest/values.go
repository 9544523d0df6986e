package providertest

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// EqualJSON reports whether two texts are the same JSON value. Numbers count
// as they are written: 1.0 is not 1, and none is rounded.
func EqualJSON(a, b []byte) bool {
	left, okLeft := value(a)
	right, okRight := value(b)
	return okLeft && okRight && reflect.DeepEqual(left, right)
}

// Without is an object's text less one member; other text is unchanged.
func Without(object []byte, name string) json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(object, &members) != nil || members == nil {
		return object
	}
	delete(members, name)
	out, err := json.Marshal(members)
	if err != nil {
		return object
	}
	return out
}

func value(raw []byte) (v any, ok bool) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&v) != nil {
		return nil, false
	}
	return v, !decoder.More()
}
