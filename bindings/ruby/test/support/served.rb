# frozen_string_literal: true

require "puma"
require "puma/server"
require "puma/events"

# An application behind Puma, on threads of this process.
class Served
  def initialize(village, threads: 8)
    events = Puma::Events.new(StringIO.new, StringIO.new)
    @server = Puma::Server.new(village.app, events, min_threads: 0, max_threads: threads)
    @server.add_tcp_listener("127.0.0.1", village.port)
    @thread = @server.run
  end

  def close
    @server.stop(true)
  end
end
