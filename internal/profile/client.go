package profile

import (
	"fmt"
	"io"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/platica"
	"bandeja/internal/providers/rest"
	"bandeja/internal/providers/waspy"
)

// client is a provider that lets go of its connections when it is closed.
type client interface {
	providers.Provider
	io.Closer
}

func newClient(a inbox.Account, key rest.Secret, tries int) (client, error) {
	o := rest.Options{BaseURL: a.BaseURL, Key: key, Rate: a.Rate, TLSPin: a.TLSPin, Insecure: a.Insecure, Tries: tries}
	switch a.Provider {
	case inbox.Waspy:
		c, err := waspy.New(o)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUsage, err)
		}
		return c, nil
	case inbox.Platica:
		c, err := platica.New(o)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUsage, err)
		}
		return c, nil
	}
	return nil, fmt.Errorf("%w: no platform %q", ErrUsage, a.Provider)
}
