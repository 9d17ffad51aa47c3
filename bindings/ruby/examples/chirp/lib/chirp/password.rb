# frozen_string_literal: true

require "openssl"
require "securerandom"

module Chirp
  # Passwords as they are stored: "scrypt:N:r:p$salt$hash". N, r and p are the costs (RFC 7914), the salt is the
  # 16 characters as they stand, the hash 64 bytes in hexadecimal. (Werkzeug writes the same.)
  module Password
    LETTERS = [*"a".."z", *"A".."Z", *"0".."9"].freeze
    LENGTH = 64

    class << self
      # The costs of new hashes: N, r, p. 32 MiB and a tenth of a second.
      attr_accessor :cost

      # The hash of a password, to be stored.
      def hash(password)
        salt = Array.new(16) { LETTERS.sample(random: SecureRandom) }.join
        "scrypt:#{cost.join(":")}$#{salt}$#{scrypt(password, salt, cost)}"
      end

      # Whether it is the password that was stored.
      def right?(stored, password)
        method, salt, hash = stored.split("$")
        _, *costs = method.split(":")
        OpenSSL.secure_compare(hash, scrypt(password, salt, costs.map { |number| Integer(number) }))
      end

      # The hash of a password that nobody knows.
      def nobody = @nobody ||= hash(SecureRandom.hex)

      private

      def scrypt(password, salt, (n, r, p))
        OpenSSL::KDF.scrypt(password, salt: salt, N: n, r: r, p: p, length: LENGTH).unpack1("H*")
      end
    end

    self.cost = [32_768, 8, 1]
  end
end
