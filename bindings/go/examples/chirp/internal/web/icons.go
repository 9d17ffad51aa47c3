package web

import "html/template"

// icon is a small drawing.
func icon(name string) template.HTML {
	return template.HTML(`<svg class="icon icon-` + name + `" viewBox="0 0 24 24" aria-hidden="true">` + shapes[name] + `</svg>`)
}

var shapes = map[string]string{
	"home":      `<path d="M3 11.5 12 4l9 7.5M5.5 10v9.5h5v-6h3v6h5V10"/>`,
	"people":    `<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 19.5c.6-3.6 3.2-5.5 6.5-5.5s5.9 1.9 6.5 5.5M15.5 5.3a3.5 3.5 0 0 1 0 6.4M18 14.6c2 .8 3.2 2.4 3.5 4.9"/>`,
	"person":    `<circle cx="12" cy="8.5" r="4"/><path d="M4.5 20c.6-4 3.6-6 7.5-6s6.9 2 7.5 6"/>`,
	"search":    `<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>`,
	"bell":      `<path d="M6 10a6 6 0 0 1 12 0c0 5 2 6.5 2 6.5H4S6 15 6 10ZM10 19.5a2.2 2.2 0 0 0 4 0"/>`,
	"settings":  `<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>`,
	"pen":       `<path d="m4 20 1-4.5L16 4.5a2.1 2.1 0 0 1 3 0l.5.5a2.1 2.1 0 0 1 0 3L8.5 19 4 20ZM14 6.5l3.5 3.5"/>`,
	"out":       `<path d="M10 4H5v16h5M15 8l4 4-4 4M19 12H9"/>`,
	"reply":     `<path d="M20 11.5c0 4-3.6 7-8 7-1.2 0-2.3-.2-3.3-.6L4 19.5l1.3-3.7A6.5 6.5 0 0 1 4 11.5c0-4 3.6-7 8-7s8 3 8 7Z"/>`,
	"boost":     `<path d="M4 12V9.5A2.5 2.5 0 0 1 6.5 7H19M16 4l3 3-3 3M20 12v2.5a2.5 2.5 0 0 1-2.5 2.5H5M8 20l-3-3 3-3"/>`,
	"heart":     `<path d="M12 20s-7.5-4.6-7.5-10.2A4.2 4.2 0 0 1 12 7.2a4.2 4.2 0 0 1 7.5 2.6C19.5 15.4 12 20 12 20Z"/>`,
	"public":    `<circle cx="12" cy="12" r="8"/><path d="M4 12h16M12 4c5 5 5 11 0 16M12 4c-5 5-5 11 0 16"/>`,
	"unlisted":  `<circle cx="12" cy="12" r="8"/><path d="M8 12h8"/>`,
	"followers": `<rect x="5.5" y="11" width="13" height="8.5" rx="2"/><path d="M8.5 11V8a3.5 3.5 0 0 1 7 0v3"/>`,
	"direct":    `<rect x="3.5" y="6" width="17" height="12.5" rx="2"/><path d="m4.5 7.5 7.5 6 7.5-6"/>`,
	"picture":   `<rect x="3.5" y="5" width="17" height="14" rx="2"/><circle cx="9" cy="10" r="1.6"/><path d="m4 17 5-4 3.5 2.5L16 12l4.5 4"/>`,
	"warning":   `<path d="M12 4.5 3.5 19h17L12 4.5ZM12 10v4.5M12 16.7v.2"/>`,
	"check":     `<path d="m5 12.5 4.5 4.5L19 7.5"/>`,
	"bin":       `<path d="M5 7h14M9.5 7V4.5h5V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v5.5M13.5 10.5v5.5"/>`,
	"away":      `<path d="M10 5H5v14h14v-5M14 4.5h5.5V10M19 5l-8 8"/>`,
	"feed":      `<path d="M5 12a7 7 0 0 1 7 7M5 6a13 13 0 0 1 13 13"/><circle cx="6" cy="18" r="1.2"/>`,
	"back":      `<path d="M19 12H5M11 6l-6 6 6 6"/>`,
}
