package words

import (
	_ "embed"
	"encoding/json"
)

// manualFile says in Spanish what the commands say of themselves in English,
// text by text. It is no part of the catalogue's files, since the screen
// carries those, and needs none of this. Its Spanish speaks to nobody, so it
// is one for all countries.
//
//go:embed manual.json
var manualFile []byte

// Manual is the Spanish of every text of the commands' help, by its English.
// An error says that the file is no JSON.
func Manual() (map[string]string, error) {
	texts := map[string]string{}
	return texts, json.Unmarshal(manualFile, &texts)
}

// Help returns how to say in a language what the commands say of themselves:
// itself in English, and where a text has no Spanish yet.
func Help(lang string) func(text string) string {
	var texts map[string]string
	if Match(lang) != English {
		texts, _ = Manual() // the tests read it
	}
	return func(text string) string {
		if spanish, found := texts[text]; found {
			return spanish
		}
		return text
	}
}
