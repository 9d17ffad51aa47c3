# frozen_string_literal: true

# One connection to one checked address: every wait lies within what is left of the total, and what is read
# before and beside the body has a bound of its own.
require "openssl"
require "socket"

module Fedigraft
  class Network
    # The total is over.
    class TimeoutError < StandardError; end

    # Nobody waits for the answer any more.
    class CancelledError < StandardError; end

    # What is left of a total that many waits share.
    # @api private
    class Deadline
      SLICE = 0.2

      def initialize(seconds, cancelled)
        @end = now + seconds
        @cancelled = cancelled
      end

      # Asks the block to wait for some seconds, again and again, until it gives something.
      # @param most [Numeric] an earlier end, of this wait alone
      # @raise [TimeoutError] the total is over
      # @raise [Errno::ETIMEDOUT] the earlier end has come
      def wait(most: nil)
        limit = most ? [now + most, @end].min : @end
        loop do
          raise CancelledError if @cancelled&.call

          left = limit - now
          raise(limit < @end ? Errno::ETIMEDOUT : TimeoutError) if left <= 0

          found = yield(@cancelled ? [left, SLICE].min : left)
          return found if found
        end
      end

      private

      def now
        Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end
    end

    # A socket as +Net::BufferedIO+ reads it.
    # @api private
    class Connection
      CONNECT_SECONDS = 5.0
      HEAD_BYTES = 131_072

      attr_reader :address

      # Connects to the address.
      # @raise [SystemCallError] nobody listens there, or not in time
      def self.open(address, port, deadline)
        info = Addrinfo.tcp(address, port)
        socket = Socket.new(info.pfamily, Socket::SOCK_STREAM, 0)
        if socket.connect_nonblock(info, exception: false) == :wait_writable
          deadline.wait(most: CONNECT_SECONDS) { |seconds| socket.wait_writable(seconds) }
          error = socket.getsockopt(Socket::SOL_SOCKET, Socket::SO_ERROR).int
          raise SystemCallError.new(nil, error) unless error.zero?
        end
        new(socket, address, deadline)
      rescue StandardError
        socket&.close
        raise
      end

      def initialize(socket, address, deadline)
        socket.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
        @socket = socket
        @stream = socket
        @address = address
        @deadline = deadline
        @budget = HEAD_BYTES
        @ended = false
      end

      # Begins TLS, for the name that was asked for and not for the address.
      def secure(host, store)
        context = OpenSSL::SSL::SSLContext.new
        context.set_params(verify_mode: OpenSSL::SSL::VERIFY_PEER, cert_store: store)
        context.min_version = OpenSSL::SSL::TLS1_2_VERSION
        tls = OpenSSL::SSL::SSLSocket.new(@socket, context)
        tls.sync_close = true
        tls.hostname = host unless Addresses.parsed(host)
        ready { tls.connect_nonblock(exception: false) }
        tls.post_connection_check(host)
        @stream = tls
      end

      def write(bytes)
        until bytes.empty?
          written = ready { @stream.write_nonblock(bytes, exception: false) }
          bytes = bytes.byteslice(written..)
        end
      end

      # The head is read: what comes now is the body, and little beside it.
      # @raise [EOFError] it was cut off, which Net::HTTP takes for its end
      def head_ended(max_body)
        raise EOFError if @ended

        @budget = (2 * max_body) + HEAD_BYTES
      end

      # What Net::BufferedIO asks for.
      def read_nonblock(size, buffer = nil, exception: true) # rubocop:disable Lint/UnusedMethodArgument
        part = ready { @stream.read_nonblock(size, exception: false) }
        if part.nil?
          @ended = true
          raise EOFError
        end
        @budget -= part.bytesize
        raise Net::HTTPBadResponse, "more than a head may have" if @budget.negative?

        buffer ? buffer.replace(part) : part
      end

      def close
        @stream.close
      rescue SystemCallError, OpenSSL::SSL::SSLError, IOError
        @socket.close
      end

      def closed?
        @stream.closed?
      end

      private

      # Waits as the operation asks, within the deadline.
      def ready
        loop do
          result = yield
          case result
          when :wait_readable then @deadline.wait { |seconds| @socket.wait_readable(seconds) }
          when :wait_writable then @deadline.wait { |seconds| @socket.wait_writable(seconds) }
          else return result
          end
        end
      end
    end
  end
end
