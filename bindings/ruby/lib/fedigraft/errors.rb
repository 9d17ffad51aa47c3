# frozen_string_literal: true

# The one tree of exceptions: what happened, where, what was expected and whether to try again.
#
# Each class stands for one status of the C ABI (+include/fedigraft.h+). Texts hold no user data.
module Fedigraft
  # Why something failed. Rescue this one to rescue everything fedigraft raises.
  #
  # +message+ is the sentence with reason and place: <tt>expected a time (bad_member at /published)</tt>.
  class Error < StandardError
    # The sentence for the reader alone, without reason and place.
    # @return [String]
    alias sentence to_s

    # A stable word for the cause, such as +duplicate_key+.
    # @return [String]
    attr_reader :reason

    # A JSON pointer (RFC 6901), a header's name or an argument; empty when there is no place.
    # @return [String]
    attr_reader :place

    # The kind of failure, by what the caller can do about it.
    # @return [Symbol]
    def self.code
      @code ||= name.split("::").last.gsub(/(?<=[a-z])(?=[A-Z])/, "_").downcase.to_sym
    end

    # @param message [String] the sentence
    # @param reason [String] a stable word; the code when empty
    # @param place [String] where
    # @param retryable [Boolean] true when the same call may succeed later
    def initialize(message = nil, reason: "", place: "", retryable: false)
      super(message)
      @reason = reason.empty? ? code.to_s : reason
      @place = place
      @retryable = retryable
    end

    # The kind of failure, such as +:malformed+.
    # @return [Symbol]
    def code
      self.class.code
    end

    # True when the same call may succeed later.
    # @return [Boolean]
    def retryable?
      @retryable
    end

    # The sentence with reason and place.
    # @return [String]
    def to_s
      "#{sentence} (#{reason}#{" at #{place}" unless place.empty?})"
    end
  end

  # An argument is missing, has the wrong type or contradicts another: a fault in the calling code.
  class InvalidArgument < Error; end

  # Foreign bytes are not what they claim to be: not UTF-8, not JSON, not PEM, a wrong shape.
  class Malformed < Error; end

  # Well formed, but of a kind this library does not handle.
  class Unsupported < Error; end

  # Over a documented bound of size, depth or number.
  class TooLarge < Error; end

  # A rule forbids it: a private post, a blocked host, a private address.
  class Refused < Error; end

  # An answer to a step the exchange is not at.
  class OutOfStep < Error; end

  # Another thread is inside this exchange, or as many exchanges are fetching as are allowed.
  class Busy < Error; end

  # The exchange ended early: something it needed could not be done.
  class Failed < Error; end

  # A stored document of a newer major version: keep it and try again after the upgrade.
  class TooNew < Error; end

  # The cryptographic backend refused the key or the operation.
  class Crypto < Error; end

  # A bug in this library. Please report it with the message.
  class Internal < Error; end

  # A request could not be made or its answer could not be read.
  #
  # +reason+ is one of +address_refused+, +connection_failed+, +dns_failed+, +protocol_error+, +tls_failed+,
  # +timeout+, +too_large+, +url_refused+, +cancelled+.
  class FetchFailed < Failed; end

  # Whoever asked went away before the end; nothing was written.
  class Cancelled < Failed; end

  # Another worker took the row over; what this one found out does not count.
  class LeaseLost < Refused; end

  # The native library is missing or does not fit this gem.
  class LibraryError < Error; end
end
