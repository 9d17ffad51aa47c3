# frozen_string_literal: true

# Which addresses are public: the deny list of the default fetcher.
#
# IPv4 by the IANA special-purpose registry (RFC 6890), as Mastodon's +private_address_check+; IPv6 only
# 2000::/3, less what the registry reserves there. An IPv4-mapped address is judged by its IPv4 address.
require "ipaddr"

module Fedigraft
  # Judges addresses, as text.
  # @api private
  module Addresses
    DENIED_V4 = %w[
      0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
      192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
    ].map { |network| IPAddr.new(network) }.freeze

    GLOBAL_V6 = IPAddr.new("2000::/3")

    # Teredo and 6to4 carry an IPv4 address.
    DENIED_V6 = %w[2001::/32 2001:10::/28 2001:20::/28 2001:db8::/32 2002::/16 3fff::/20]
                .map { |network| IPAddr.new(network) }.freeze

    module_function

    # True when a server of the open network may have this address.
    def public?(text)
      address = parsed(text) or return false
      return DENIED_V4.none? { |network| network.include?(address) } if address.ipv4?

      GLOBAL_V6.include?(address) && DENIED_V6.none? { |network| network.include?(address) }
    end

    # True for an address of this machine.
    def loopback?(text)
      parsed(text)&.loopback? || false
    end

    # The address, an IPv4-mapped one as IPv4; nothing for text that is none or names a zone.
    def parsed(text)
      return if text.include?("%") || text.include?("/")

      address = IPAddr.new(text)
      address.ipv4_mapped? ? address.native : address
    rescue IPAddr::Error
      nil
    end
  end
end
