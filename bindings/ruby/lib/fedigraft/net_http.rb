# frozen_string_literal: true

# Signing for Net::HTTP, without anything else of fedigraft.
require "net/http"
require_relative "signing"

module Fedigraft
  # Signs requests of Net::HTTP.
  #   request = Net::HTTP::Post.new(uri, "Content-Type" => Fedigraft::ACTIVITY_JSON)
  #   request.body = body
  #   Fedigraft::NetHTTP.sign(request, uri, key: key, key_id: "https://me.example/u/1#main-key")
  module NetHTTP
    # Adds the headers of a signature, as the last thing before the request is sent.
    # @param request [Net::HTTPRequest] with its body
    # @param url [String, URI] where it goes
    # @param key [PrivateKey]
    # @param key_id [String] the key's public name
    # @return [Net::HTTPRequest] the same
    def self.sign(request, url, key:, key_id:, now: Time.now)
      if request.body_stream
        raise InvalidArgument.new("a streamed body has no digest yet; set `body`", reason: "body_stream", place: "request")
      end

      body = request.body.to_s
      type = request["content-type"] || ACTIVITY_JSON
      headers = Fedigraft.sign(key, key_id, request.method, url, body: body, content_type: type, now: now)
      headers.each { |name, value| request[name] = value }
      request
    end
  end
end
