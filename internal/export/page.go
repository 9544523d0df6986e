package export

import (
	"bufio"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// MostPageRows bounds a page: what is longer no browser opens gladly, and
// nobody prints.
const MostPageRows = 100_000

// TooLongError: a page would have more than MostPageRows rows.
type TooLongError struct{}

func (*TooLongError) Error() string {
	return fmt.Sprintf("a page of more than %d rows", MostPageRows)
}

// generator is how a page of ours is known.
const generator = `<meta name="generator" content="Bandeja">`

//go:embed page.css
var pageStyle string

// page writes one HTML page that stands by itself: no script, no address, its
// style inside, and a policy that forbids a browser to load or run anything.
func (j *Job) page(ctx context.Context, c *cache.Cache, w io.Writer) error {
	if j.total > MostPageRows {
		return &TooLongError{}
	}
	s := newSealer(w)
	p := &page{Job: j, w: bufio.NewWriterSize(s, 1<<16)}
	if err := p.head(ctx, c); err != nil {
		return err
	}
	if err := p.body(ctx, c); err != nil {
		return err
	}
	p.tag("</main>\n</body>\n</html>\n<!-- " + sumMark + blankSum)
	if err := p.w.Flush(); err != nil {
		return err
	}
	return s.seal(" -->\n")
}

// page is one that is being written. A writer that failed fails again when it
// is flushed, so no write is asked.
type page struct {
	*Job
	w     *bufio.Writer
	day   string
	group string // the conversation, where there are several
	open  bool   // a day's section
	// channelOf is the channel of each thread of whom it is about.
	channelOf map[string]string
}

// tag writes markup of ours.
func (p *page) tag(s string) { _, _ = p.w.WriteString(s) }

// text writes what anybody may have written, as text and nothing else.
func (p *page) text(s string) { _, _ = p.w.WriteString(escape(s)) }

// say writes a sentence of the catalogue. What is put into it may be anybody's.
func (p *page) say(key string, args ...any) { p.text(p.Words.T("transcript."+key, args...)) }

// escape makes text of s: no markup, and no character that HTML forbids.
func escape(s string) string {
	return markup.Replace(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == 0xfffe || r == 0xffff {
			return '\ufffd'
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd")))
}

var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

// head writes what the page is of, when it was made and how complete it is.
func (p *page) head(ctx context.Context, c *cache.Cache) error {
	h, err := p.heading(ctx, c)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(pageStyle))
	p.tag("<!doctype html>\n<html lang=\"" + p.Words.Lang() + "\">\n<head>\n<meta charset=\"utf-8\">\n" + generator + "\n" +
		`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-` + base64.StdEncoding.EncodeToString(sum[:]) +
		`'; base-uri 'none'; form-action 'none'">` + "\n<meta name=\"referrer\" content=\"no-referrer\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
	p.text(h.title)
	p.tag("</title>\n<style>" + pageStyle + "</style>\n</head>\n<body>\n<header>\n<h1><bdi>")
	p.text(h.title)
	p.tag("</bdi></h1>\n")
	for _, line := range h.lines {
		p.tag("<p>")
		p.text(line)
		p.tag("</p>\n")
	}
	p.tag(`<ul class="coverage">` + "\n")
	for _, line := range h.coverage {
		p.tag("<li>")
		p.text(line)
		p.tag("</li>\n")
	}
	p.tag("</ul>\n</header>\n<main>\n")
	return nil
}

// body writes the rows.
func (p *page) body(ctx context.Context, c *cache.Cache) error {
	if p.Rows != Messages {
		return p.list(ctx, c)
	}
	each := c.EachMessage
	together := p.Select.Person != "" || p.Select.Thread != ""
	if together {
		each = c.EachMessageInTime
	}
	err := each(ctx, p.Select, func(m cache.StoredMessage) error {
		if p.done == MostPageRows {
			return &TooLongError{}
		}
		if !together {
			if err := p.conversation(ctx, c, &m); err != nil {
				return err
			}
		}
		p.message(&m)
		p.step()
		return nil
	})
	if p.done == 0 {
		p.tag("<p>")
		p.say("nothing")
		p.tag("</p>\n")
	}
	p.endDay()
	return err
}

func (p *page) endDay() {
	if p.open {
		p.tag("</section>\n")
	}
	p.open = false
}

// conversation begins the part of another conversation, where there are several.
func (p *page) conversation(ctx context.Context, c *cache.Cache, m *cache.StoredMessage) error {
	group := m.Account + "\x00" + m.Conversation
	if group == p.group {
		return nil
	}
	t, err := c.Thread(ctx, m.Thread)
	if err != nil {
		return err
	}
	p.endDay()
	p.group, p.day = group, ""
	p.tag(`<h2 class="conversation"><bdi>`)
	p.text(p.who(t.Name, t.Phone))
	p.tag("</bdi> ")
	p.origin(m.Account, m.Provider, t.Channel)
	p.tag("</h2>\n")
	return nil
}

// who is what somebody is called where it is read.
func (p *page) who(name, phone string) string {
	switch {
	case name != "" && phone != "":
		return name + " · " + phone
	case name != "":
		return name
	case phone != "":
		return phone
	}
	return p.Words.T("transcript.nameless")
}

// origin says which platform, account and channel something came from.
func (p *page) origin(account string, provider inbox.ProviderName, channel string) {
	p.tag(`<span class="mark ` + escape(string(provider)) + `">`)
	p.text(providerName(provider))
	p.tag(`</span> <span class="from"><bdi>`)
	p.text(account)
	p.tag("</bdi>")
	if name := p.Channels[[2]string{account, channel}]; name != "" {
		p.tag(" · <bdi>")
		p.text(name)
		p.tag("</bdi>")
	}
	p.tag("</span>")
}

func providerName(p inbox.ProviderName) string {
	switch p {
	case inbox.Waspy:
		return "Waspy"
	case inbox.Platica:
		return "Plática"
	}
	return string(p)
}

// message writes one, under its day.
func (p *page) message(m *cache.StoredMessage) {
	day, clock := p.Words.T("transcript.no_day"), ""
	if !m.At.IsZero() {
		at := m.At.In(p.Zone)
		day, clock = p.date(at), at.Format("15:04")
	}
	if day != p.day || !p.open {
		p.endDay()
		p.tag("<section>\n<h2>")
		p.text(day)
		p.tag("</h2>\n")
		p.day, p.open = day, true
	}
	direction := m.Direction
	if direction != inbox.In && direction != inbox.Out {
		direction = inbox.DirectionUnknown
	}
	p.tag(`<article class="` + string(direction) + `">` + "\n<p class=\"by\"><b>")
	p.text(p.Words.T("direction." + string(direction)))
	p.tag("</b> <time>")
	p.text(clock)
	p.tag("</time> ")
	p.origin(m.Account, m.Provider, p.channelOf[m.Thread])
	if m.Status != "" {
		p.tag(` · <span class="status">`)
		p.text(m.Status)
		p.tag("</span>")
	}
	p.tag("</p>\n")
	p.content(m)
	p.tag("</article>\n")
}

// content writes what a message carries: what is no text is a card that says
// what it was.
func (p *page) content(m *cache.StoredMessage) {
	if m.Kind != inbox.Text {
		p.tag(`<p class="card">`)
		p.text(p.Words.T("kind." + string(m.Kind)))
		if m.Kind == inbox.KindUnknown && m.KindWord != "" {
			p.tag(" (<bdi>")
			p.text(m.KindWord)
			p.tag("</bdi>)")
		}
		p.tag("</p>\n")
	}
	if m.Text != "" {
		p.tag(`<p class="text" dir="auto">`)
		p.text(m.Text)
		p.tag("</p>\n")
	}
}

// date is a day as people write it.
func (p *page) date(t time.Time) string {
	return p.Words.T("transcript.date", "weekday", p.Words.T(fmt.Sprintf("transcript.weekday_%d", t.Weekday())),
		"day", t.Format("2"), "month", p.Words.T("transcript.month_"+t.Format("1")), "year", t.Format("2006"))
}

// moment is a time with its day, where a sentence names it.
func (p *page) moment(t time.Time) string {
	t = t.In(p.Zone)
	return t.Format("2006-01-02 15:04")
}
