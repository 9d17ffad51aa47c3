# frozen_string_literal: true

# Signatures of requests: sign what is about to be sent, verify what was received, explain a refusal.
#
# draft-cavage-http-signatures-12 with +Digest+, in the one form that every fediverse server accepts. These
# functions need nothing else of this gem but a key and, to verify, an instance.
require "uri"
require_relative "keys"
require_relative "request"
require_relative "verdict"

module Fedigraft
  # The type of what servers send each other.
  ACTIVITY_JSON = "application/activity+json"

  # Which key a request says it is signed with. Nothing is verified yet.
  class Claim < Value
    member :scheme, :text, required: true
    member :key_id, :text, required: true
  end

  class << self
    # Signs a request that is about to be sent. Sign each attempt afresh: some servers accept a signature for 60
    # seconds.
    #
    # @param key [PrivateKey] of the sender
    # @param key_id [String] its public name, such as +https://me.example/ap/users/1#main-key+
    # @param method [String, Symbol] such as +POST+
    # @param url [String, URI] absolute, in the form it is requested with
    # @param body [String] the exact bytes to send
    # @param content_type [String] the type of the body; not sent without one
    # @param now [Numeric, Time] seconds since the epoch
    # @return [Hash{String => String}] the headers to send, in order: +Host+, +Content-Type+ for a body, +Date+,
    #   +Digest+ for a body, +Signature+
    # @raise [InvalidArgument] the URL is not an absolute http or https URL
    def sign(key, key_id, method, url, body: "", content_type: ACTIVITY_JSON, now: Time.now)
      host, target = Signing.divided(url)
      given = { "Host" => host }
      given["Content-Type"] = content_type unless body.empty?
      head = Native.document({ method: method.to_s.upcase, target: target, headers: given.to_a })
      key_id = Native.input(key_id, "key_id")
      body = Native.input(body, "body")
      added = key.pinned do |pointer|
        Native.json do |out, error|
          Native.fedigraft_request_sign(
            pointer, key_id, key_id.bytesize, now.to_i, head, head.bytesize, body, body.bytesize, out, error
          )
        end
      end
      given.merge!(added.to_h)
    end

    # The key a received request names, so that it can be fetched.
    # @param request [Request]
    # @return [Claim]
    # @raise [Malformed] it has no signature, or one that cannot be read; +reason+ is the verdict's code
    def claim(request)
      head = Native.document(request.head)
      Claim.from_h(Native.json { |out, error| Native.fedigraft_request_key_id(head, head.bytesize, out, error) })
    end

    # Verifies a received request: coverage, host, time, digest, signature.
    #
    # That the key belongs to the actor of the activity is for the caller to prove; +Instance#receive+ does all of
    # it. A refusal is a verdict, not an exception.
    # @param instance [Instance]
    # @param request [Request]
    # @param public_key [PublicKey]
    # @param now [Numeric, Time]
    # @return [Verdict]
    def verify(instance, request, public_key, now: Time.now)
      Signing.judge(:fedigraft_request_verify, instance, request, public_key, now)
    end

    # As {verify}, with the evidence: every rule is tried, also after one has failed.
    # @return [Verdict]
    def explain(instance, request, public_key, now: Time.now)
      Signing.judge(:fedigraft_request_explain, instance, request, public_key, now)
    end
  end

  # What the functions above have in common.
  # @api private
  module Signing
    URL = %r{\Ahttps?://(?<host>[^/?#@\s]+)(?<path>/[^?#\s]*)?(?<query>\?[^#\s]*)?(?:#|\z)}i
    private_constant :URL

    module_function

    # The host, with a port when the URL says one, and the target, as they go on the wire.
    def divided(url)
      match = URL.match(url.to_s)
      raise InvalidArgument.new("expected an absolute http or https URL", reason: "bad_url", place: "url") unless match

      [match[:host], "#{match[:path] || "/"}#{match[:query]}"]
    end

    # Asks a function of the library for its verdict.
    def judge(function, instance, request, public_key, now)
      head = Native.document(request.head)
      found = instance.pinned do |here|
        public_key.pinned do |key|
          Native.json do |out, error|
            Native.public_send(
              function, here, key, now.to_i, head, head.bytesize, request.body, request.body.bytesize, out, error
            )
          end
        end
      end
      Verdict.read(found)
    end
  end
end
