package trial

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// exact reads JSON with its numbers by their digits.
func exact(raw []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// sameJSON reports whether a and b are equal as JSON values.
func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	va, errA := exact(a)
	vb, errB := exact(b)
	return errA == nil && errB == nil && reflect.DeepEqual(va, vb)
}
