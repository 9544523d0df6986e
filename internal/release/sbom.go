package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// sbom is a CycloneDX 1.5 document. It carries neither a serial number nor a
// time, so that the same release makes the same bytes.
type sbom struct {
	Schema     string      `json:"$schema"`
	Format     string      `json:"bomFormat"`
	Spec       string      `json:"specVersion"`
	Version    int         `json:"version"`
	Metadata   metadata    `json:"metadata"`
	Components []component `json:"components"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	Hashes     []hash     `json:"hashes,omitempty"`
	Licences   []any      `json:"licenses"`
	PURL       string     `json:"purl,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func writeSBOM(w io.Writer, parts []part, version string) error {
	doc := sbom{Schema: "http://cyclonedx.org/schema/bom-1.5.schema.json", Format: "CycloneDX", Spec: "1.5", Version: 1,
		Metadata:   metadata{component{Type: "application", Ref: "bandeja@" + version, Name: "bandeja", Version: version, Licences: licences("MIT")}},
		Components: []component{}}
	for _, p := range parts {
		c, err := p.component()
		if err != nil {
			return err
		}
		doc.Components = append(doc.Components, c)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}

func (p part) component() (component, error) {
	purl := "pkg:" + p.Kind + "/" + purlName(p.Name) + "@" + p.Version
	c := component{Type: "library", Ref: purl, Name: p.Name, Version: p.Version, PURL: purl, Licences: licences(p.Licence)}
	switch {
	case strings.HasPrefix(p.Sum, "sha512-"): // npm's is of the package's archive
		b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(p.Sum, "sha512-"))
		if err != nil {
			return c, fmt.Errorf("the checksum of %s: %w", p.Name, err)
		}
		c.Hashes = []hash{{"SHA-512", hex.EncodeToString(b)}}
	case p.Sum != "": // Go's is of a list of its files, which is no hash of any file
		c.Properties = append(c.Properties, property{"go:sum", p.Sum})
	}
	for _, program := range p.Programs {
		c.Properties = append(c.Properties, property{"bandeja:in", program})
	}
	return c, nil
}

// purlName percent-encodes the parts of a name, as package URLs have them.
func purlName(name string) string {
	pieces := strings.Split(name, "/")
	for i, piece := range pieces {
		pieces[i] = strings.ReplaceAll(url.PathEscape(piece), "@", "%40")
	}
	return strings.Join(pieces, "/")
}

// licences is a CycloneDX list: one by its name, several as an expression.
func licences(spdx string) []any {
	if strings.Contains(spdx, " ") {
		return []any{map[string]string{"expression": spdx}}
	}
	return []any{map[string]any{"license": map[string]string{"id": spdx}}}
}
