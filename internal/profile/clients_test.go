package profile_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// clients is what a process of scripts is told to do: each asks for a page of a
// list, reads it, thinks, and asks for the next.
type clients struct {
	Origin, Token string
	Many          int
	Think, For    time.Duration
}

// answered is what they say in the end.
type answered struct {
	Requests, Errors int
	P50, P95, P99    time.Duration
	Worst            time.Duration
	Firsts           []string // the first errors
}

// run has them ask.
func (c *clients) run(ctx context.Context) (a answered) {
	ctx, stop := context.WithTimeout(ctx, c.For)
	defer stop()
	web := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: c.Many}, Timeout: 30 * time.Second}
	var mu sync.Mutex
	var took []time.Duration
	var work sync.WaitGroup
	for i := range c.Many {
		work.Go(func() {
			s := script{n: i}
			wait := time.NewTimer(c.Think * time.Duration(i) / time.Duration(c.Many)) // they did not begin at once
			defer wait.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-wait.C:
				}
				began := time.Now()
				err := s.ask(web, c)
				mu.Lock()
				took = append(took, time.Since(began))
				if err != nil {
					if a.Errors++; a.Errors < 5 {
						a.Firsts = append(a.Firsts, err.Error())
					}
				}
				mu.Unlock()
				wait.Reset(c.Think)
			}
		})
	}
	work.Wait()
	if len(took) == 0 {
		return a
	}
	slices.Sort(took)
	at := func(percent int) time.Duration { return took[min(len(took)-1, len(took)*percent/100)] }
	a.Requests, a.P50, a.P95, a.P99, a.Worst = len(took), at(50), at(95), at(99), took[len(took)-1]
	return a
}

// script is one client: of five, two walk Waspy's list by its cursor, two
// Plática's by its offset, and one searches.
type script struct {
	n, asked int
	cursor   string
}

func (s *script) ask(web *http.Client, c *clients) error {
	s.asked++
	path, q := "/waspy/api/v2/conversations", url.Values{}
	switch s.n % 5 {
	case 0, 1:
		if s.cursor != "" {
			q.Set("cursor", s.cursor)
		}
		if s.n%2 == 1 {
			q.Set("status", "open")
		}
	case 2, 3:
		path = "/platica/v1/conversations"
		q.Set("offset", fmt.Sprint(s.asked%200*50))
	case 4:
		q.Set("search", []string{"garcia", "maria lo", "5411", "nadie así"}[s.asked%4])
	}
	req, err := http.NewRequest(http.MethodGet, c.Origin+path+"?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	res, err := web.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	var page struct {
		Data []json.RawMessage
		Meta struct {
			Cursor  string
			HasMore bool
		}
		Workspaces []json.RawMessage
	}
	if err := json.Unmarshal(body, &page); err != nil || res.StatusCode != http.StatusOK {
		return fmt.Errorf("%d %.200s", res.StatusCode, body)
	}
	if s.cursor = page.Meta.Cursor; !page.Meta.HasMore {
		s.cursor = ""
	}
	return nil
}
