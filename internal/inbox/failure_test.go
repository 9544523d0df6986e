package inbox

import "testing"

func TestFailure(t *testing.T) {
	for _, tt := range []struct{ raw, want string }{
		{`{"status":"failed","errorCode":131047,"errorMessage":" Re-engagement message "}`, "Re-engagement message"},
		{`{"errorMessage":null,"error":{"message":"Window closed"}}`, "Window closed"},
		{`{"errorMessage":"","errors":[{"code":1},{"title":"Not a WhatsApp number"}]}`, "Not a WhatsApp number"},
		{`{"errors":["no credit"]}`, "no credit"},
		{`{"error":"said plainly"}`, "said plainly"},
		{`{"errorMessage":7,"error":{"message":{"text":"deep"},"title":"Title"}}`, "Title"},
		{`{"errors":{"title":"no list"},"errorMessage":"a text"}`, "a text"},
		{`{"id":"m1"}`, ""}, {`null`, ""}, {`[]`, ""}, {`{`, ""}, {``, ""},
	} {
		if got := (Message{Raw: []byte(tt.raw)}).Failure(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.raw, got, tt.want)
		}
	}
}
