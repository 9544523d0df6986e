package simulator

import "fmt"

// WaspyKey is the key that Waspy's side takes.
func (o *Office) WaspyKey() string { return *o.keys[0].Load() }

// PlaticaKey is the key that Plática's side takes; it reaches every workspace.
func (o *Office) PlaticaKey() string { return *o.keys[1].Load() }

// Rekey replaces a provider's key, as its administrator may: the one before is
// refused from now on. It returns the new one.
func (o *Office) Rekey(provider string) (string, error) {
	defer o.act("hand", 0)()
	o.rekeyed++
	waspy, platica := keysOf(mix(o.opts.Seed, o.rekeyed))
	switch provider {
	case waspyName:
		o.keys[0].Store(&waspy)
		return waspy, nil
	case platicaName:
		o.keys[1].Store(&platica)
		return platica, nil
	}
	return "", fmt.Errorf("rekey: no provider %q", provider)
}

func (o *Office) setKeys(seed uint64) {
	waspy, platica := keysOf(seed)
	o.keys[0].Store(&waspy)
	o.keys[1].Store(&platica)
}

func keysOf(seed uint64) (waspy, platica string) {
	return "wspy_" + token(seed, seedKey) + token(seed, seedKey+100),
		"pl_key_" + token(seed, seedKey+200) + "_" + token(seed, seedKey+300)
}

// otherAccount is another business's office that takes this one's keys: a
// small one, with workspaces of its own.
func (o *Office) otherAccount() *Office {
	opts := o.opts
	opts.Seed, opts.Conversations, opts.Messages = mix(opts.Seed, seedKey), 40, 200
	opts.NoRateLimit, opts.History, opts.Live = true, false, false
	other := New(opts)
	other.keys[0].Store(o.keys[0].Load())
	other.keys[1].Store(o.keys[1].Load())
	for i, ws := range other.platica.workspaces {
		ws.id, ws.name = fmt.Sprintf("ws_ajena_%d", i+1), fmt.Sprintf("Ajena %d", i+1)
	}
	return other
}
