package fedigraft

// Which addresses are public: the deny list of the default fetcher. IPv4 by the IANA special-purpose registry
// (RFC 6890), as Mastodon's private_address_check; IPv6 only 2000::/3, less what the registry reserves there.
// An IPv4-mapped address is judged by its IPv4 address.

import "net/netip"

var (
	deniedV4 = prefixes(
		"0.0.0.0/8",
		"10.0.0.0/8",
		"100.64.0.0/10",
		"127.0.0.0/8",
		"169.254.0.0/16",
		"172.16.0.0/12",
		"192.0.0.0/24",
		"192.0.2.0/24",
		"192.88.99.0/24",
		"192.168.0.0/16",
		"198.18.0.0/15",
		"198.51.100.0/24",
		"203.0.113.0/24",
		"224.0.0.0/4",
		"240.0.0.0/4",
	)
	globalV6 = netip.MustParsePrefix("2000::/3")
	deniedV6 = prefixes(
		"2001::/32", // Teredo carries an IPv4 address
		"2001:10::/28",
		"2001:20::/28",
		"2001:db8::/32",
		"2002::/16", // 6to4 carries an IPv4 address
		"3fff::/20",
	)
)

func prefixes(texts ...string) []netip.Prefix {
	made := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		made[i] = netip.MustParsePrefix(text)
	}
	return made
}

// isPublic is true when a server of the open network may have this address.
func isPublic(address netip.Addr) bool {
	address = address.Unmap()
	denied := deniedV4
	if address.Is6() {
		if address.Zone() != "" || !globalV6.Contains(address) {
			return false
		}
		denied = deniedV6
	}
	for _, network := range denied {
		if network.Contains(address) {
			return false
		}
	}
	return address.IsValid()
}

// isLoopback is true for an address of this machine.
func isLoopback(address netip.Addr) bool { return address.Unmap().IsLoopback() }
