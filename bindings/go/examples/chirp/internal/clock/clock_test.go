package clock

import (
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	west := time.FixedZone("west", -3600)
	if got := Text(Past(time.Date(2024, 2, 29, 23, 59, 59, 999999999, west))); got != "2024-03-01T00:59:59Z" {
		t.Error(got)
	}
	read, err := Read("2024-02-29T12:00:00Z")
	if err != nil || Text(read) != "2024-02-29T12:00:00Z" {
		t.Error(read, err)
	}
	present := Now()
	for _, odd := range []time.Time{{}, time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if Past(odd).Before(present) {
			t.Error(odd)
		}
	}
	old, _ := Read("2021-03-03T00:00:00Z")
	for moment, want := range map[time.Time]string{
		present:                       "now",
		present.Add(-5 * time.Minute): "5m",
		present.Add(-26 * time.Hour):  "1d",
		old:                           "3 Mar 2021",
	} {
		if got := Ago(moment); got != want {
			t.Errorf("%s: %s, not %s", moment, got, want)
		}
	}
}
