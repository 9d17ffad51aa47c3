# frozen_string_literal: true

# Requests from elsewhere: received, committed, answered.
#
# The response leaves only after the commit. Whatever fails on this side, the database above all, is answered with
# 503 and +Retry-After+, so that the sender comes again and nothing is lost.
require_relative "commit"
require_relative "driver"
require_relative "host"
require_relative "instance"
require_relative "log"

module Fedigraft
  # Answers requests of the network; for a server interface that is not Rack.
  class Inbound
    RETRY_SECONDS = 30
    private_constant :RETRY_SECONDS

    # @api private
    def initialize(instance, driver, host, database, &committed)
      @instance = instance
      @driver = driver
      @host = host
      @database = database
      @committed = committed
    end

    # Whether a request is ours, from its head alone. One that cannot be read is the host's.
    # @param request [Request]
    # @return [Route]
    def route(request)
      @instance.route(request)
    rescue Error
      Route.new(ours: false)
    end

    # Receives, commits and answers; raises nothing.
    # @param request [Request]
    # @param cancelled [#call, nil] true when the client has left: the exchange then ends without an effect
    # @return [Response]
    def answer(request, cancelled: nil)
      exchange = @instance.receive(@driver.now, request)
      done = @driver.run(exchange, Host::Guarded.new(@host, @database), cancelled: cancelled)
      commit(done)
    rescue Busy => e
      Inbound.refuse(503, e.reason, "try again in a moment", RETRY_SECONDS)
    rescue Cancelled
      Inbound.refuse(503, "cancelled", "the client has left", RETRY_SECONDS)
    rescue StandardError, NotImplementedError => e
      Fedigraft.log_exception("a request from elsewhere could not be handled", e)
      Inbound.refuse(503, "unavailable", "try again later", RETRY_SECONDS)
    end

    # An answer of this side, in the form of a verdict's public part.
    # @return [Response]
    # @api private
    def self.refuse(status, code, message, retry_after = nil)
      headers = { "content-type" => "application/json" }
      headers["retry-after"] = retry_after.to_s if retry_after
      Response.new(status, headers, JSON.generate({ error: code, message: message }))
    end

    # The body is over the limit; it was not read.
    # @return [Response]
    # @api private
    def self.too_large(limit)
      refuse(413, "body_too_large", "expected at most #{limit} bytes")
    end

    private

    def commit(done)
      if done.effects?
        @database.transaction { |session| Commit.apply(session, done, @host.handlers, @driver.now) }
        @committed.call(done)
      end
      done.response || Inbound.refuse(500, "no_response", "the request has no answer")
    end
  end
end
