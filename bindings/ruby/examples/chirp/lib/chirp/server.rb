# frozen_string_literal: true

require "puma"
require "puma/configuration"
require "puma/launcher"

module Chirp
  # The web server: puma, one process with threads.
  class Server
    THREADS = 8

    # Serves a Rack app at `listen` ("HOST:PORT"); with TLS when there is a certificate and its key (PEM files).
    def initialize(app, listen:, cert: nil, key: nil)
      address = cert ? "ssl://#{listen}?#{Rack::Utils.build_query(cert: cert, key: key || cert)}" : "tcp://#{listen}"
      @configuration = Puma::Configuration.new do |puma|
        puma.app app
        puma.bind address
        puma.threads THREADS, THREADS
        puma.environment "production"
        puma.raise_exception_on_sigterm false
        puma.quiet
      end
    end

    # Serves until SIGTERM or SIGINT; requests that are under way come to their end.
    def run = Puma::Launcher.new(@configuration).run
  end
end
