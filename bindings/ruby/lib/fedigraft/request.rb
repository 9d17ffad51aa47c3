# frozen_string_literal: true

# Requests as received: raw target, field lines in order, the exact body.
#
# A signature covers these bytes, so nothing here is decoded or put in order. Header values are bytes.
require_relative "native"
require_relative "value"

module Fedigraft
  # A request as the host's server received it.
  #
  # +method+:: such as +POST+.
  # +target+:: the raw path and query, as on the request line.
  # +headers+:: name and value of each line, in order, repeated lines kept; a Hash will do.
  # +body+:: the exact bytes.
  # +client+:: the peer's address, for limits only.
  class Request < Value
    LINE = /\A([A-Za-z]+) (\S+)(?: (\S+))?\z/
    private_constant :LINE

    member :method, :text, required: true, place: true
    member :target, :bytes, required: true, place: true
    member :headers, :pairs, default: []
    member :body, :bytes, default: String.new
    member :client, :text

    # Reads a captured HTTP/1.1 request: request line, header lines, an empty line, the body.
    #
    # Lines may end in CRLF or LF. A body of +Content-Length+ bytes is cut there, so that an editor's last
    # newline does no harm.
    # @param data [String]
    # @raise [Malformed] it is not such a request
    def self.parse(data)
      head, body = divided(data.b)
      first, *lines = head.split(/\r?\n/)
      matched = LINE.match(first.to_s) or bad("expected a request line such as `POST /inbox HTTP/1.1`", 1)
      headers = lines.each_with_index.map { |line, index| field(line, index + 2) }
      length = headers.find { |name, _| name.casecmp?("content-length") }&.last
      body = body.byteslice(0, length.to_i) if length&.match?(/\A\d+\z/) && body.bytesize > length.to_i
      new(matched[1], matched[2], headers: headers, body: body)
    end

    # The head as it crosses the C ABI.
    # @return [Hash]
    # @api private
    def head
      lines = headers.map { |name, value| [Native.latin1(name), Native.latin1(value)] }
      { method: method, target: Native.latin1(target), headers: lines, client: client }
    end

    class << self
      private

      def divided(data)
        head, separator, body = data.partition("\r\n\r\n")
        return [head, body] unless separator.empty? || head.include?("\n\n")

        head, _, body = data.partition("\n\n")
        [head, body]
      end

      def field(line, number)
        name, colon, value = line.partition(":")
        bad("expected `Name: value`", number) if colon.empty? || name.strip.empty?
        [name.strip, value.strip]
      end

      def bad(expected, number)
        raise Malformed.new(expected, reason: "bad_capture", place: "line #{number}")
      end
    end
  end
end
