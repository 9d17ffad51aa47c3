# frozen_string_literal: true

require "puma"
require "puma/server"
require "puma/events"
require "puma/minissl"

# An application behind Puma, on threads of this process. With +tls:+, the files of a certificate and its key, over TLS.
class Served
  def initialize(village, threads: 8, tls: nil)
    events = Puma::Events.new(StringIO.new, StringIO.new)
    @server = Puma::Server.new(village.app, events, min_threads: 0, max_threads: threads)
    if tls
      @server.add_ssl_listener("127.0.0.1", village.port, context(*tls))
    else
      @server.add_tcp_listener("127.0.0.1", village.port)
    end
    @thread = @server.run
  end

  def close
    @server.stop(true)
  end

  private

  def context(certificate, key)
    Puma::MiniSSL::Context.new.tap do |context|
      context.cert = certificate
      context.key = key
      context.verify_mode = Puma::MiniSSL::VERIFY_NONE
    end
  end
end
