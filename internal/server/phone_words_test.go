package server

import (
	"testing"

	"bandeja/internal/phone"
	"bandeja/internal/words"
)

// Whatever is made of a number, there are words for it in every language.
func TestPhoneReasonsHaveWords(t *testing.T) {
	for _, lang := range words.Languages() {
		w := words.For(lang)
		for _, code := range phone.EveryReasonCode() {
			if !w.Has("phone." + code) {
				t.Errorf("%s: no words for %s", lang, code)
			}
		}
	}
	n := phone.Parse("15 5983-4410", phone.Context{Region: "AR", Area: "11"})
	if got, want := phoneReason(words.For("es-MX"), n), "el 15 es la marca de celular; la lada es la de la cuenta; el país es el de la cuenta"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
