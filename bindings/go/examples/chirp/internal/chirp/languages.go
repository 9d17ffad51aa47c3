package chirp

// Language is one that people write in, as its speakers call it.
type Language struct{ Code, Name string }

// Languages are those one can choose, by code.
var Languages = []Language{
	{"ar", "العربية"},
	{"cs", "Čeština"},
	{"da", "Dansk"},
	{"de", "Deutsch"},
	{"el", "Ελληνικά"},
	{"en", "English"},
	{"es", "Español"},
	{"fi", "Suomi"},
	{"fr", "Français"},
	{"it", "Italiano"},
	{"ja", "日本語"},
	{"ko", "한국어"},
	{"nl", "Nederlands"},
	{"no", "Norsk"},
	{"pl", "Polski"},
	{"pt", "Português"},
	{"ru", "Русский"},
	{"sv", "Svenska"},
	{"tr", "Türkçe"},
	{"uk", "Українська"},
	{"zh", "中文"},
}
