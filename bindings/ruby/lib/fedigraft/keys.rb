# frozen_string_literal: true

# Keys: private ones that sign, public ones that verify (RSA, RSASSA-PKCS1-v1_5 with SHA-256).
#
# A key is parsed once and then held by the native library, which wipes it when it is freed. The private half
# leaves only by +PrivateKey#to_pem+ and never by +inspect+, marshalling or an error.
require_relative "handle"

module Fedigraft
  # A public key. Immutable; any thread may use it.
  class PublicKey < Handle
    # Reads a PEM of SPKI or PKCS#1 form, also one whose newlines became spaces or a literal +\n+.
    # @param pem [String]
    # @raise [Malformed] it is not such a PEM
    # @raise [Unsupported] a key of another kind, or one that is too small
    def self.from_pem(pem, &block)
      self.open(pem, &block)
    end

    # @param pem [String] as for {from_pem}
    def initialize(pem)
      pem = Native.input(pem, "pem")
      own(Native.handle(:fedigraft_public_key_free) do |out, error|
        Native.fedigraft_public_key_from_pem(pem, pem.bytesize, out, error)
      end)
    end

    # The key as SPKI PEM (+BEGIN PUBLIC KEY+).
    # @return [String]
    def to_pem
      pinned { |key| Native.text { |out, error| Native.fedigraft_public_key_to_pem(key, out, error) } }
    end
  end

  # A private key. Immutable; any thread may use it. Signing releases the interpreter's lock.
  class PrivateKey < Handle
    # Makes a new RSA key of 2048 bits. Takes about a tenth of a second.
    # @return [PrivateKey]
    def self.generate(&block)
      made = allocate
      made.__send__(:own, Native.handle(:fedigraft_key_free) do |out, error|
        Native.fedigraft_key_generate(out, error)
      end)
      block ? made.with(&block) : made
    end

    # Reads a PEM of PKCS#8 or PKCS#1 form, also one whose newlines became spaces or a literal +\n+.
    # @param pem [String]
    # @raise [Malformed] it is not such a PEM
    # @raise [Unsupported] a key of another kind, or one that is too small
    def self.from_pem(pem, &block)
      self.open(pem, &block)
    end

    # @param pem [String] as for {from_pem}
    def initialize(pem)
      pem = Native.input(pem, "pem")
      own(Native.handle(:fedigraft_key_free) do |out, error|
        Native.fedigraft_key_from_pem(pem, pem.bytesize, out, error)
      end)
    end

    # The private key as PKCS#8 PEM. Keep it where only the server can read it.
    # @return [String]
    def to_pem
      pinned { |key| Native.text { |out, error| Native.fedigraft_key_to_pem(key, out, error) } }
    end

    # The public half as SPKI PEM, the form that actors publish.
    # @return [String]
    def public_pem
      pinned { |key| Native.text { |out, error| Native.fedigraft_key_public_pem(key, out, error) } }
    end

    # The public half.
    # @return [PublicKey]
    def public_key
      PublicKey.new(public_pem)
    end

    # The signature over the bytes: what answers a +sign+ step. About 0.3 ms.
    # @param data [String] any bytes
    # @return [String] the raw signature, 256 bytes for RSA-2048
    def sign(data)
      data = Native.input(data, "data")
      pinned do |key|
        Native.bytes { |out, error| Native.fedigraft_key_sign(key, data, data.bytesize, out, error) }
      end
    end
  end
end
