package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// span is a time span in a file, as "1.5s".
type span time.Duration

func (s *span) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) != nil {
		return errors.New(`must be a time span in quotes, as "1.5s"`)
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf(`%q is no time span, as "1.5s" is`, text)
	}
	*s = span(d)
	return nil
}

// ReadFaults reads the file form of Faults (docs/faults.md). Its error is a
// *FaultsError that names the wrong field.
func ReadFaults(data []byte) (Faults, error) {
	var file struct {
		Seed  uint64            `json:"seed"`
		Skew  span              `json:"skew"`
		Rules []json.RawMessage `json:"rules"`
		Drift json.RawMessage   `json:"drift"`
	}
	if err := decode(data, "", &file); err != nil {
		return Faults{}, err
	}
	f := Faults{Seed: file.Seed, Skew: time.Duration(file.Skew)}
	for i, raw := range file.Rules {
		var wire struct {
			Fault
			From  span `json:"from"`
			Until span `json:"until"`
			Delay span `json:"delay"`
		}
		if err := decode(raw, fmt.Sprintf("rules[%d]", i), &wire); err != nil {
			return Faults{}, err
		}
		wire.Fault.From, wire.Fault.Until, wire.Fault.Delay = time.Duration(wire.From), time.Duration(wire.Until), time.Duration(wire.Delay)
		f.Rules = append(f.Rules, wire.Fault)
	}
	if len(file.Drift) > 0 && string(file.Drift) != "null" {
		f.Drift = &Drift{}
		if err := decode(file.Drift, "drift", f.Drift); err != nil {
			return Faults{}, err
		}
	}
	return f, f.check()
}

// decode reads one object member by member, so that what is wrong has a name.
func decode(data []byte, within string, into any) error {
	at := func(field string) string {
		if quoted := strconv.Quote(field); field == "" || quoted != `"`+field+`"` {
			field = quoted
		}
		return strings.TrimPrefix(within+"."+field, ".")
	}
	if !json.Valid(data) {
		var syntax *json.SyntaxError
		if err := json.Unmarshal(data, new(any)); errors.As(err, &syntax) {
			return &FaultsError{at("line " + fmt.Sprint(1+bytes.Count(data[:syntax.Offset], []byte("\n")))), syntax.Error()}
		}
	}
	list, object, err := members(data)
	if err != nil || !object {
		if errors.Is(err, io.EOF) || within == "" {
			within = "the file"
		}
		return &FaultsError{within, "must be an object"}
	}
	for _, m := range list {
		one := json.NewDecoder(bytes.NewReader(joined([]member{m}, true)))
		one.DisallowUnknownFields()
		err := one.Decode(into)
		var kind *json.UnmarshalTypeError
		switch {
		case err == nil:
		case errors.As(err, &kind):
			return &FaultsError{at(m.key), fmt.Sprintf("a %s does not fit, it takes %s", kind.Value, takes(kind.Type.Kind()))}
		case strings.Contains(err.Error(), "unknown field"):
			return &FaultsError{at(m.key), "there is no such field"}
		default:
			return &FaultsError{at(m.key), strings.TrimPrefix(err.Error(), "json: ")}
		}
	}
	return nil
}

// takes says in the words of JSON what a field holds.
func takes(k reflect.Kind) string {
	switch k {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Uint64:
		return "a whole number from 0 on"
	}
	return "a number"
}
