package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// stage is when a fault does its work.
type stage int

const (
	before  stage = iota // waits, then the office works
	instead              // makes the reply
	after                // changes the reply that the office made
	sending              // sends it badly
)

// kindOfFault is one word of Fault.Kind.
type kindOfFault struct {
	stage stage
	heeds []string // the parameters, by their names in the file
	check func(f *Fault) (field, why string)
	// One of these, by stage.
	reply  func(o *Office, a *answer, q *ask, h *hit)
	change func(o *Office, a *answer, q *ask, h *hit)
	send   func(a *answer, h *hit)
}

// kinds are all that can go wrong. docs/faults.md tells of each.
var kinds = map[string]kindOfFault{
	"slow": {stage: before, heeds: []string{"delay"}, check: needsDelay},

	"status":         {stage: instead, heeds: []string{"status", "retry_after", "effect"}, check: goodStatus, reply: replyStatus},
	"html":           {stage: instead, reply: replyHTML},
	"bomb":           {stage: instead, heeds: []string{"bytes"}, reply: replyBomb},
	"huge":           {stage: instead, heeds: []string{"rows", "bytes"}, reply: replyHuge},
	"other_account":  {stage: instead, reply: replyOtherAccount},
	"expired_cursor": {stage: instead, heeds: []string{"status"}, check: goodStatus, reply: replyExpiredCursor},
	"same_page":      {stage: instead, reply: replySamePage},
	"other_page":     {stage: instead, reply: replyOtherPage},
	"stale":          {stage: instead, reply: replyStale},

	"json":           {stage: after, heeds: []string{"body"}, check: goodBody, change: changeJSON},
	"mutate":         {stage: after, heeds: []string{"field", "to", "rows"}, check: needsField, change: changeField},
	"double_rows":    {stage: after, change: changeDouble},
	"shuffle":        {stage: after, change: changeShuffle},
	"has_more":       {stage: after, heeds: []string{"to"}, check: needsBool, change: changeMore},
	"empty_page":     {stage: after, change: changeEmpty},
	"foreign_cursor": {stage: after, change: changeCursor},
	"late":           {stage: after, heeds: []string{"delay"}, check: needsDelay},

	"drop":    {stage: sending, heeds: []string{"effect"}, send: sendNothing},
	"cut":     {stage: sending, heeds: []string{"bytes"}, send: sendCut},
	"reset":   {stage: sending, heeds: []string{"bytes"}, send: sendReset},
	"length":  {stage: sending, heeds: []string{"bytes"}, send: sendLength},
	"chunk":   {stage: sending, heeds: []string{"bytes"}, send: sendChunk},
	"silence": {stage: sending, heeds: []string{"delay"}, send: sendSilence},
	"headers": {stage: sending, heeds: []string{"delay"}, send: sendHeaders},
	"trickle": {stage: sending, heeds: []string{"delay"}, send: sendTrickle},
}

func (k kindOfFault) wrong(f *Fault) (field, why string) {
	if k.check == nil {
		return "", ""
	}
	return k.check(f)
}

func needsDelay(f *Fault) (field, why string) {
	if f.Delay == 0 {
		return "delay", "is missing"
	}
	return "", ""
}

func needsField(f *Fault) (field, why string) {
	if f.Field == "" && f.To == nil {
		return "field", "is missing"
	}
	return "", ""
}

func needsBool(f *Fault) (field, why string) {
	if text := string(f.To); text != "true" && text != "false" {
		return "to", "must be true or false"
	}
	return "", ""
}

func goodStatus(f *Fault) (field, why string) {
	for _, code := range f.Status {
		if code < 200 || code > 599 {
			return "status", fmt.Sprintf("%d is no status of a reply", code)
		}
	}
	if far, ok := strings.CutPrefix(f.RetryAfter, datePrefix); ok {
		if _, err := time.ParseDuration(far); err != nil {
			return "retry_after", fmt.Sprintf(`%q is no time span, as "date -1h" has one`, far)
		}
	}
	if strings.ContainsAny(f.RetryAfter, "\r\n\x00") {
		return "retry_after", "must be one line"
	}
	return "", ""
}

func goodBody(f *Fault) (field, why string) {
	if f.Body != "" && !slices.Contains(Malformed(), f.Body) {
		return "body", fmt.Sprintf("%q is none of %s", f.Body, strings.Join(Malformed(), ", "))
	}
	return "", ""
}

// code draws one of the rule's statuses.
func (h *hit) code(def int) int {
	if len(h.Status) == 0 {
		return def
	}
	return pick(&h.dice, h.Status)
}

func replyStatus(o *Office, a *answer, q *ask, h *hit) {
	if h.Effect {
		o.serve(a, q)
	}
	code := h.code(http.StatusInternalServerError)
	if text := h.retryAfter(o); text != "" {
		a.w.Header().Set("Retry-After", text)
	}
	a.fail(q, code)
}

// datePrefix begins a RetryAfter that is given as a date, so far from now.
const datePrefix = "date "

// retryAfter is the header's text.
func (h *hit) retryAfter(o *Office) string {
	far, ok := strings.CutPrefix(h.RetryAfter, datePrefix)
	if !ok {
		return h.RetryAfter
	}
	d, _ := time.ParseDuration(far) // it was checked
	return o.Clock().Add(d).Format(http.TimeFormat)
}

// fail answers with a status in the provider's form; one below 300 as a
// success without data.
func (a *answer) fail(q *ask, code int) {
	text := http.StatusText(code)
	switch {
	case code < 300 && q.provider == waspyName:
		a.send(code, append(appendString(append(a.buffer(), `{"data":{},"meta":{"requestId":`...), a.request()), "}}"...))
	case code < 300:
		a.send(code, append(a.buffer(), `{"status":"success","message":"Aceptado","data":{"ids":[]}}`...))
	case q.provider == waspyName:
		word := strings.ToUpper(strings.ReplaceAll(text, " ", "_"))
		if q.continues() && code < 500 {
			word = "INVALID_CURSOR"
		}
		a.waspyError(code, word, text)
	default:
		a.platicaError(code, text, "")
	}
}

func replyHTML(_ *Office, a *answer, _ *ask, _ *hit) {
	a.page(http.StatusOK, "<!doctype html><html><head><title>Wi-Fi del hotel</title></head><body><h1>Iniciar sesión</h1><form method=\"post\"></form></body></html>\n")
}
