// Package clock tells times: UTC with whole seconds, stored as RFC 3339 text
// ("2025-06-01T12:34:56Z") that sorts.
package clock

import (
	"fmt"
	"time"
)

// Now is the present time.
func Now() time.Time {
	return time.Now().UTC().Truncate(time.Second)
}

// Text is a time as stored.
func Text(moment time.Time) string {
	return moment.UTC().Format("2006-01-02T15:04:05Z")
}

// Read is a stored time.
func Read(stored string) (time.Time, error) {
	moment, err := time.Parse(time.RFC3339, stored)
	return moment.UTC(), err
}

// Past is a time from elsewhere. A missing or future one, or one that no year of four digits holds, counts as now.
func Past(moment time.Time) time.Time {
	moment = moment.UTC().Truncate(time.Second)
	if present := Now(); moment.Year() <= 1 || moment.After(present) {
		return present
	}
	return moment
}

// Ago is how long ago, as people say it: "now", "5m", "3h", "2d", "3 Mar", "3 Mar 2021".
func Ago(moment time.Time) string {
	present := Now()
	switch passed := max(0, present.Sub(moment)); {
	case passed < time.Minute:
		return "now"
	case passed < time.Hour:
		return fmt.Sprintf("%dm", passed/time.Minute)
	case passed < 24*time.Hour:
		return fmt.Sprintf("%dh", passed/time.Hour)
	case passed < 7*24*time.Hour:
		return fmt.Sprintf("%dd", passed/(24*time.Hour))
	case moment.Year() == present.Year():
		return moment.Format("2 Jan")
	}
	return moment.Format("2 Jan 2006")
}

// Full is a time in words: "3 March 2025, 14:05 UTC".
func Full(moment time.Time) string {
	return moment.Format("2 January 2006, 15:04 UTC")
}

// Month is the month: "March 2025".
func Month(moment time.Time) string {
	return moment.Format("January 2006")
}
