# frozen_string_literal: true

# Signing for Faraday, without anything else of fedigraft.
require "faraday"
require_relative "signing"

module Fedigraft
  # For the HTTP client Faraday.
  #   require "fedigraft/faraday"
  #   Faraday.new { |f| f.request :fedigraft, key: key, key_id: "https://me.example/u/1#main-key" }
  module Faraday
    # Signs each request. Put it last among the request middlewares, so that it sees the body as it is sent.
    class Middleware < ::Faraday::Middleware
      # @param key [PrivateKey, #call] or a block's worth of it: +env -> PrivateKey+
      # @param key_id [String, #call] the key's public name, or +env -> String+
      def initialize(app, key:, key_id:)
        super(app)
        @key = key
        @key_id = key_id
      end

      # @param env [::Faraday::Env]
      # @return [::Faraday::Response]
      def call(env)
        type = env[:request_headers]["Content-Type"] || ACTIVITY_JSON
        headers = Fedigraft.sign(
          chosen(@key, env), chosen(@key_id, env), env[:method], env[:url], body: body(env), content_type: type
        )
        env[:request_headers].update(headers)
        @app.call(env)
      end

      private

      def chosen(given, env)
        given.respond_to?(:call) ? given.call(env) : given
      end

      def body(env)
        body = env[:body]
        return "" if body.nil?
        return body if body.is_a?(String)

        raise InvalidArgument.new(
          "expected a String as body, got a #{body.class}; put :fedigraft after the middleware that encodes it",
          reason: "wrong_type", place: "body"
        )
      end
    end
  end
end

Faraday::Request.register_middleware(fedigraft: Fedigraft::Faraday::Middleware)
