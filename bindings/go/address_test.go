package fedigraft

// Which addresses are public.

import (
	"net/netip"
	"testing"
)

func TestAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"1.1.1.1": true, "8.8.8.8": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true, "172.32.0.1": true,
		"172.16.0.1": false, "100.64.0.1": false, "192.0.2.1": false, "224.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "fe80::1": false, "fc00::1": false, "2001:db8::1": false, "2002:7f00:1::": false,
		"::ffff:10.0.0.1": false, "2001::1": false, "3fff::1": false, "64:ff9b::a00:1": false,
	} {
		if got := isPublic(netip.MustParseAddr(address)); got != want {
			t.Error(address, got)
		}
	}
	if isPublic(netip.Addr{}) || isPublic(netip.MustParseAddr("2606:4700::1%eth0")) || !isLoopback(netip.MustParseAddr("::ffff:127.0.0.2")) {
		t.Error("invalid, zoned or mapped")
	}
}
