package care

import (
	"context"
	"slices"
	"strings"

	"bandeja/internal/cache"
	"bandeja/internal/phone"
)

// Proof looks for what was erased in every file of a profile.
type Proof struct {
	Cache   *cache.Cache
	Local   *cache.Local
	Folder  string
	Scanner *Scanner
	Told    func(done, total int64) // bytes; may not be nil
}

// Prove looks through all files, and where something is left that no row says,
// writes the file that has it anew and looks again. What others' rows have too
// is theirs, and is not looked for any more: it gives what is.
func (p *Proof) Prove(ctx context.Context, n *Needles, r *Receipt) (*Needles, error) {
	r.Pieces = n.Len()
	for again := false; ; again = true {
		if err := p.settle(ctx); err != nil {
			return n, err
		}
		files, found, err := p.Scanner.Files(ctx, p.Folder, n, p.Told)
		if err != nil {
			return n, err
		}
		if len(found) > 0 {
			before := n.Len()
			if n, err = p.theirs(ctx, n, found); err != nil {
				return n, err
			}
			r.Others += int64(before - n.Len())
			if n.Len() < before {
				if files, _, err = p.Scanner.Files(ctx, p.Folder, n, p.Told); err != nil {
					return n, err
				}
			}
		}
		r.tell(files)
		if r.Found == 0 || again {
			return n, nil
		}
		if err := p.compact(ctx, files); err != nil {
			return n, err
		}
		r.Compact = true
	}
}

// theirs leaves out what rows that are here say, of what was found.
func (p *Proof) theirs(ctx context.Context, n *Needles, found map[int]int64) (*Needles, error) {
	said := map[int]int64{}
	for _, each := range []func(context.Context, func([]byte) error) error{p.Cache.EachCell, p.Local.EachCell} {
		some, err := n.Texts(func(fn func([]byte) error) error { return each(ctx, fn) })
		if err != nil {
			return n, err
		}
		for i, k := range some {
			if found[i] > 0 {
				said[i] += k
			}
		}
	}
	return n.Without(said), nil
}

func (p *Proof) settle(ctx context.Context) error {
	if err := p.Cache.Settle(ctx); err != nil {
		return err
	}
	return p.Local.Settle(ctx)
}

// compact writes the files anew that something was found in, by their name.
func (p *Proof) compact(ctx context.Context, files []Scanned) error {
	for _, f := range files {
		if f.Found == 0 {
			continue
		}
		switch strings.TrimSuffix(f.Name, "-wal") {
		case "cache.db":
			if err := p.Cache.CompactIndex(ctx); err != nil {
				return err
			}
			if err := p.Cache.Compact(ctx); err != nil {
				return err
			}
		case "local.db":
			if err := p.Local.Compact(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// ProveBackups looks through the backups once more, after they were made anew,
// and puts what it finds in the place of what the receipt says of them.
func (p *Proof) ProveBackups(ctx context.Context, n *Needles, r *Receipt, folder string) error {
	files, _, err := p.Scanner.Files(ctx, folder, n, func(int64, int64) {})
	if err != nil {
		return err
	}
	const prefix = "backups/"
	all := []Scanned{}
	for _, f := range r.Files {
		if !strings.HasPrefix(f.Name, prefix) {
			all = append(all, f)
		}
	}
	for _, f := range files {
		f.Name = prefix + f.Name
		all = append(all, f)
	}
	r.tell(all)
	return nil
}

// Numbers are the rows of digits of which every written form of a line has one:
// with Argentina's 15 in the middle, and without.
func Numbers(key string) (out []string) {
	forms := append(phone.SearchForms(key), key)
	for _, form := range forms {
		forms = append(forms, strings.TrimPrefix(form, "0"))
	}
	for _, code := range []string{"54", "52", "55"} { // as SearchForms has them
		forms = append(forms, strings.TrimPrefix(key, code))
	}
	for _, form := range forms {
		needed := len(form) >= shortestRun && !slices.Contains(out, form)
		for _, other := range forms {
			needed = needed && (len(other) < shortestRun || other == form || !strings.Contains(form, other))
		}
		if needed {
			out = append(out, form)
		}
	}
	return out
}
