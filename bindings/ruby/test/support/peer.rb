# frozen_string_literal: true

require "socket"

# A server on loopback that plays one scripted connection after another.
class Peer
  attr_reader :port, :received, :connections
  attr_accessor :wrap

  def initialize(&play)
    @listener = TCPServer.new("127.0.0.1", 0)
    @port = @listener.addr[1]
    @received = []
    @connections = 0
    @play = play
    @threads = []
    @wrap = ->(socket) { socket }
    @accepting = Thread.new { accept }
  end

  def url
    "http://127.0.0.1:#{port}/"
  end

  def close
    @accepting.kill
    @listener.close
    @threads.each(&:kill)
  end

  private

  def accept
    loop do
      socket = @listener.accept
      @connections += 1
      @threads << Thread.new { one(socket) }
    end
  rescue IOError
    nil
  end

  def one(socket)
    connection = @wrap.call(socket)
    @received << request(connection)
    @play.call(connection)
  rescue SystemCallError, IOError, OpenSSL::SSL::SSLError
    nil
  ensure
    socket.close
  end

  def request(connection)
    data = String.new(encoding: Encoding::BINARY)
    data << connection.readpartial(65_536) until data.include?("\r\n\r\n")
    head, = data.partition("\r\n\r\n")
    whole = head.bytesize + 4 + head[/^content-length: (\d+)/i, 1].to_i
    data << connection.readpartial(65_536) while data.bytesize < whole
    data
  end
end
