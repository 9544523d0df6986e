package export_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"bandeja/internal/export"
	"bandeja/internal/inbox"
	"bandeja/internal/words"
)

// say is a message.
func say(id string, d inbox.Direction, text string, after time.Duration) inbox.Message {
	return inbox.Message{ID: id, Direction: d, Kind: inbox.Text, Text: text, Status: "read", At: at.Add(after)}
}

// TestTranscript: what one person and the team wrote on both platforms stands
// in the order of time, each with where it came from, under its day.
func TestTranscript(t *testing.T) {
	image := say("w3", inbox.In, "remito.jpg", 26*time.Hour)
	image.Kind = inbox.Image
	c := copied(t,
		talk{"ventas", inbox.Waspy, "w", "Ana Pruebas", "+5491155500101", []inbox.Message{say("w1", inbox.In, "uno", 0), say("w2", inbox.Out, "tres", 2*time.Minute), image}},
		talk{"soporte", inbox.Platica, "p", "Anita", "+541155500101", []inbox.Message{say("p1", inbox.In, "dos", time.Minute)}},
		talk{"ventas", inbox.Waspy, "x", "Otro", "+5491155500109", []inbox.Message{say("x1", inbox.In, "ajeno", 0)}})
	people, err := c.People(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	person := ""
	for _, p := range people {
		if len(p.Parts) == 2 {
			person = p.Ref
		}
	}
	j := export.Job{Rows: export.Messages, Format: export.FormatHTML, Channels: map[[2]string]string{{"ventas", "line"}: "Mostrador"}}
	j.Select.Person = person
	text := textOf(t, written(t, c, j))
	for _, want := range []string{
		"Wednesday, 4 March 2026\nCustomer\n05:06\nWaspy\nventas\n· \nMostrador\n· \nread\nuno\nCustomer\n05:07\nPlática\nsoporte\n· \nread\ndos\nTeam\n05:08\nWaspy\nventas\n· \nMostrador\n· \nread\ntres\n",
		"Thursday, 5 March 2026\nCustomer\n07:06\nWaspy\nventas\n· \nMostrador\n· \nread\nPicture\nremito.jpg",
		"All times are of America/Argentina/Buenos_Aires.", "Copied whole: 2 conversations, with all their messages.", "soporte (Plática): its list is still being copied",
		"Phones: +54",
	} {
		if !strings.Contains(text, strings.Replace(want, "Picture", words.For(words.English).T("kind.image"), 1)) {
			t.Errorf("it lacks %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "ajeno") {
		t.Error("somebody else's is in it")
	}
	j.Select.Person = ""
	if whole := textOf(t, written(t, c, j)); !strings.Contains(whole, "ajeno") || strings.Count(whole, "Ana Pruebas") != 1 {
		t.Errorf("all of it: %s", whole)
	}
}

// textOf is what a page shows, text by text.
func textOf(t testing.TB, page []byte) string {
	var all []string
	skip := false
	eachToken(t, page, func(k html.Token) {
		switch {
		case k.Type == html.StartTagToken && k.Data == "style":
			skip = true
		case k.Type == html.EndTagToken:
			skip = false
		case k.Type == html.TextToken && !skip && strings.TrimSpace(k.Data) != "":
			all = append(all, strings.TrimLeft(k.Data, " \n"))
		}
	})
	return strings.Join(all, "\n")
}

func eachToken(t testing.TB, page []byte, fn func(html.Token)) {
	z := html.NewTokenizer(strings.NewReader(string(page)))
	for {
		if z.Next() == html.ErrorToken {
			if !errors.Is(z.Err(), io.EOF) {
				t.Fatal(z.Err())
			}
			return
		}
		fn(z.Token())
	}
}

// TestHostilePage: names, messages and every word of a provider are text. The
// page has the tags and attributes that we write and no other, loads nothing,
// and its style is the one that its policy allows.
func TestHostilePage(t *testing.T) {
	hostile := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</title></style></section><svg onload=alert(1)>`, `javascript:alert(1)`, `<a href="javascript:alert(1)">x</a>`,
		`<iframe srcdoc="x">`, `--><script>`, `<!-- bandeja-sha256:` + strings.Repeat("0", 64) + ` -->`, `]]><x>`, "\u202eevil\u2066", "\x00\x1b[2J\x7f\u0085", "&lt;b&gt;", `' onmouseover='x`, "\xff\xfe", `{{.}}`, "<style>*{display:none}</style>",
	}
	k := talk{account: "ventas", provider: inbox.Waspy, id: "<b>", name: strings.Join(hostile, " "), phone: "<i>x"}
	for i, h := range hostile {
		m := say(fmt.Sprint(i, h), inbox.Direction(h), h, time.Duration(i)*time.Second)
		m.Status, m.Kind, m.KindWord = h, inbox.KindUnknown, h
		k.messages = append(k.messages, m)
	}
	c := copied(t, k)
	allowed := map[string]string{"html": "lang", "head": "", "meta": "charset name content http-equiv", "title": "", "style": "", "body": "", "header": "", "h1": "", "h2": "class", "p": "class dir",
		"ul": "class", "li": "", "main": "", "section": "", "article": "class", "b": "", "time": "", "span": "class", "bdi": "", "table": "", "thead": "", "tbody": "", "tr": "", "th": "scope", "td": "dir"}
	for _, rows := range []export.Rows{export.Messages, export.Conversations, export.People} {
		page := written(t, c, export.Job{Rows: rows, Format: export.FormatHTML, Channels: map[[2]string]string{{"ventas", "line"}: hostile[1]}})
		style, policy := "", ""
		last := ""
		eachToken(t, page, func(k html.Token) {
			switch k.Type {
			case html.StartTagToken, html.SelfClosingTagToken:
				attrs, ok := allowed[k.Data]
				if !ok {
					t.Errorf("%s: <%s>", rows, k.Data)
				}
				for _, a := range k.Attr {
					if !strings.Contains(" "+attrs+" ", " "+a.Key+" ") {
						t.Errorf("%s: %s of <%s>", rows, a.Key, k.Data)
					}
					if a.Key == "content" && strings.Contains(a.Val, "default-src") {
						policy = a.Val
					}
				}
			case html.TextToken:
				if last == "style" {
					style = k.Data
				}
				if regexp.MustCompile(`[\x00-\x08\x0b-\x1f\x7f-\x9f]`).MatchString(k.Data) {
					t.Errorf("%s: %q", rows, k.Data)
				}
			}
			if last = k.Data; k.Type == html.EndTagToken {
				last = ""
			}
		})
		sum := sha256.Sum256([]byte(style))
		if want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"; policy != want || style == "" {
			t.Errorf("%s: policy %q, want %q", rows, policy, want)
		}
		if text := textOf(t, page); !strings.Contains(text, `<script>alert(1)</script>`) || !strings.Contains(text, "\u202eevil\u2066") {
			t.Errorf("%s: what was written is not shown: %s", rows, text)
		}
	}
}

// TestLanguages: a page speaks the language of who asked for it, days and all.
func TestLanguages(t *testing.T) {
	c := copied(t, talk{"ventas", inbox.Waspy, "w", "Ana", "+5491155500101", []inbox.Message{say("w1", inbox.In, "uno", 0)}}, talk{"ventas", inbox.Waspy, "v", "Bea", "+5491155500102", nil})
	for lang, want := range map[string][]string{
		words.Argentina: {`lang="es-AR"`, "miércoles 4 de marzo de 2026", "faltan mensajes acá"},
		words.Mexico:    {`lang="es-MX"`, "miércoles 4 de marzo de 2026", "faltan mensajes aquí"},
		words.English:   {`lang="en"`, "Wednesday, 4 March 2026", "Not copied whole: of 1 conversation of 2"},
	} {
		var b strings.Builder
		j := export.Job{Rows: export.Messages, Format: export.FormatHTML, Zone: zone, Now: at, Words: words.For(lang)}
		if err := j.Write(t.Context(), c, &b); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s lacks %q", lang, w)
			}
		}
		if gap := regexp.MustCompile(`(transcript|kind|direction|status)\.\w+|\{\w+\}`).FindString(textOf(t, []byte(b.String()))); gap != "" {
			t.Errorf("%s: %s", lang, gap)
		}
	}
}
