# frozen_string_literal: true

# Whether the client of a request has left: an exchange that waits for a fetch then ends, without an effect.
require "socket"

module Fedigraft
  module Rack
    # Looks at the client's socket, which Puma shows. Elsewhere nobody is known to leave.
    # @api private
    class Departure
      # @return [Departure, nil]
      def self.of(env)
        socket = env["puma.socket"]
        new(socket) if socket.is_a?(BasicSocket)
      end

      def initialize(socket)
        @socket = socket
      end

      # True when nobody is there to read the answer.
      def call
        # A byte that waits is another request; nothing to wait for and nothing there is the end.
        ["", nil].include?(@socket.recv_nonblock(1, Socket::MSG_PEEK, exception: false))
      rescue SystemCallError, IOError
        true
      end
    end
  end
end
