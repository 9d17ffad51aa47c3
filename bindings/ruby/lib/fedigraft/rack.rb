# frozen_string_literal: true

# Rack middleware (Rack 2 and 3): federation in front of the application that is there.
#
# The head decides. A request that is not fedigraft's goes to the application untouched; not one byte of its body is
# read. Repeated header lines arrive joined by commas, as Rack has it; signatures are built for that.
require_relative "federation"
require_relative "rack/departure"

module Fedigraft
  # For servers that speak Rack.
  module Rack
    # The application with federation in front of it.
    #   use Fedigraft::Rack::Middleware, FED
    class Middleware
      # Puma, Unicorn, Falcon and Passenger have REQUEST_URI; some have RAW_URI.
      RAW_TARGETS = %w[REQUEST_URI RAW_URI].freeze
      UNSAFE = %r{[^A-Za-z0-9/:@!$&'()*+,;=~._-]}n
      private_constant :RAW_TARGETS, :UNSAFE

      # @param app [#call] the host's application
      # @param federation [Federation, #call] or a block's worth of it, asked at the first request
      def initialize(app, federation)
        @app = app
        @federation = federation
        @warned = false
      end

      # @param env [Hash] as Rack has it
      # @return [Array(Integer, Hash, #each)]
      def call(env)
        inbound = federation.inbound
        request = request(env) or return @app.call(env)
        route = inbound.route(request)
        return pass(env, route) unless route.ours?

        body = body(env, route.max_body)
        return finish(body, env) if body.is_a?(Response)

        finish(inbound.answer(request.with(body: body), cancelled: Departure.of(env)), env)
      end

      private

      def federation
        @federation.respond_to?(:inbound) ? @federation : (@federation = @federation.call)
      end

      def pass(env, route)
        answer = @app.call(env)
        return answer if route.headers.empty?

        status, headers, body = answer
        [status, merged(headers, route.headers), body]
      end

      def request(env)
        headers = env.filter_map do |name, value|
          next unless name.start_with?("HTTP_") && value.is_a?(String)
          next if name == "HTTP_VERSION" # what some servers make of the request line

          [name.delete_prefix("HTTP_").tr("_", "-").downcase, value]
        end
        headers << ["content-type", env["CONTENT_TYPE"]] unless env["CONTENT_TYPE"].to_s.empty?
        headers << ["content-length", env["CONTENT_LENGTH"]] unless env["CONTENT_LENGTH"].to_s.empty?
        Request.new(env["REQUEST_METHOD"], target(env), headers: headers, client: client(env))
      rescue InvalidArgument, ArgumentError, EncodingError
        nil # what cannot be read is the host's
      end

      def client(env)
        address = env["REMOTE_ADDR"].to_s
        address.empty? || !address.ascii_only? ? nil : address
      end

      def target(env)
        raw = env.values_at(*RAW_TARGETS).find { |value| value.is_a?(String) && !value.empty? }
        return raw.start_with?("/") ? raw : raw.b.sub(%r{\A[^/?]*//[^/?]*}, "").sub(/\A(?=\?|\z)/, "/") if raw

        warn_of(env) unless @warned
        path = "#{env["SCRIPT_NAME"]}#{env["PATH_INFO"]}".b.gsub(UNSAFE) { |byte| format("%%%02X", byte.ord) }
        query = env["QUERY_STRING"].to_s
        "#{path.empty? ? "/" : path}#{"?#{query}" unless query.empty?}"
      end

      def warn_of(env)
        @warned = true
        Fedigraft.logger.warn(
          "this server (#{env["SERVER_SOFTWARE"] || "unknown"}) does not pass the raw request target; signatures of " \
          "requests whose path has escaped characters will be refused. Use one that sets REQUEST_URI: Puma, Unicorn, " \
          "Falcon, Passenger"
        )
      end

      # The exact body, or the refusal of one that is too large or was cut off.
      def body(env, limit)
        input = env["rack.input"]
        declared = env["CONTENT_LENGTH"].to_s.b
        return Inbound.refuse(400, "bad_length", "expected a number in Content-Length") unless declared.match?(/\A\d*\z/)
        return Inbound.too_large(limit) if declared.to_i > limit
        return "" unless input

        data = read(input, declared.empty? ? limit + 1 : declared.to_i)
        return Inbound.too_large(limit) if data.bytesize > limit
        return data if declared.empty? || data.bytesize == declared.to_i

        cut_off
      rescue IOError, SystemCallError # so the server says that the client has left
        cut_off
      end

      def cut_off
        Inbound.refuse(400, "body_cut_off", "the body ended early")
      end

      def read(input, size)
        data = String.new(encoding: Encoding::BINARY)
        while data.bytesize < size
          part = input.read(size - data.bytesize)
          break if part.nil? || part.empty?

          data << part
        end
        data
      end

      def finish(response, env)
        headers = response.headers.each_with_object({}) do |(name, value), out|
          name = name.downcase
          out[name] = out.key?(name) ? "#{out[name]}, #{value}" : value.dup
        end
        bare = [204, 304].include?(response.status)
        headers["content-length"] ||= response.body.bytesize.to_s unless bare
        headers.delete("content-length") if bare
        headers.delete("content-type") if bare
        [response.status, headers, env["REQUEST_METHOD"] == "HEAD" || bare ? [] : [response.body]]
      end

      # The application's headers with those that routing adds; a word of Vary is not said twice.
      def merged(headers, added)
        headers = headers.dup
        added.each do |name, value|
          key = headers.keys.find { |one| one.casecmp?(name) } || name
          said = Array(headers[key]).join(",")
          words = said.downcase.split(",").map(&:strip)
          next if words.include?(value.downcase) || words.include?("*")

          headers[key] = said.empty? ? value.dup : "#{said}, #{value}"
        end
        headers
      end
    end
  end
end
