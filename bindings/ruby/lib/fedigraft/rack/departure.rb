# frozen_string_literal: true

# Whether the client of a request has left: an exchange that waits for a fetch then ends, without an effect.
require "socket"

module Fedigraft
  module Rack
    # Looks at the client's socket, which Puma shows. Elsewhere nobody is known to leave.
    # @api private
    class Departure
      # TIME_WAIT, CLOSE, CLOSE_WAIT, LAST_ACK and CLOSING of Linux: the client has ended its side.
      ENDED = [6, 7, 8, 9, 11].freeze
      private_constant :ENDED

      # @return [Departure, nil]
      def self.of(env)
        socket = env["puma.socket"]
        connection = socket.to_io if socket.respond_to?(:to_io)
        new(connection, tls: !connection.equal?(socket)) if connection.is_a?(BasicSocket)
      end

      # @param connection [BasicSocket]
      # @param tls [Boolean] true when TLS runs on the connection
      def initialize(connection, tls: false)
        @connection = connection
        @tls = tls
      end

      # True when nobody is there to read the answer.
      def call
        return true if @tls && ended?

        # A byte that waits is another request; nothing to wait for and nothing there is the end.
        ["", nil].include?(@connection.recv_nonblock(1, Socket::MSG_PEEK, exception: false))
      rescue SystemCallError, IOError
        true
      end

      private

      # Who says goodbye in TLS (close_notify, RFC 8446 section 6.1) leaves bytes that hide the end of the connection.
      # Its state shows the end all the same; Puma takes the same states for a client that has left.
      def ended?
        return false unless Socket.const_defined?(:TCP_INFO)

        ENDED.include?(@connection.getsockopt(Socket::IPPROTO_TCP, Socket::TCP_INFO).data.unpack1("C"))
      rescue SystemCallError # not TCP
        false
      end
    end
  end
end
