# frozen_string_literal: true

# The driver plays an exchange to its end: it answers +load+, +fetch+ and +sign+ with what the host gave it.
require_relative "exchange"

module Fedigraft
  # Plays exchanges to their end. What helps it answers +load(wanted, now)+ with a list and +sign(step, now)+ with bytes.
  # @api private
  class Driver
    # @param fetch [#call] +(step, cancelled) -> Fetched+, or raises {FetchFailed}
    # @param clock [#call] the time in seconds since the epoch
    # @param most_fetching [Integer, nil] how many exchanges may be fetching at once; a further one raises {Busy}
    def initialize(fetch, clock, most_fetching: nil)
      @fetch = fetch
      @clock = clock
      @gate = most_fetching && Gate.new(most_fetching)
    end

    # The time in whole seconds since the epoch.
    def now
      @clock.call.to_i
    end

    # Plays it on this thread. The exchange is closed at the end, whatever happens.
    # @param cancelled [#call, nil] true when nobody waits for the end any more
    # @return [Done]
    # @raise [Cancelled]
    def run(exchange, helper, cancelled: nil)
      exchange.with do
        loop do
          step = exchange.step
          case step
          when Load then exchange.answer_load(step.number, now, helper.load(step.wanted, now))
          when Sign then sign(exchange, step, helper)
          when Fetch then fetch(exchange, step, cancelled)
          else return step
          end
        end
      end
    end

    private

    def sign(exchange, step, helper)
      signature = helper.sign(step, now)
    rescue Error => e
      exchange.answer_failed(step.number, now, e.reason, e.retryable?)
    else
      exchange.answer_sign(step.number, now, signature)
    end

    def fetch(exchange, step, cancelled)
      raise Cancelled, "nobody waits for the answer any more" if cancelled&.call

      fetched = admitted { @fetch.call(step, cancelled) }
    rescue FetchFailed => e
      raise Cancelled, "nobody waits for the answer any more" if e.reason == "cancelled"

      exchange.answer_failed(step.number, now, e.reason, e.retryable?)
    else
      exchange.answer_fetch(step.number, now, fetched)
    end

    def admitted(&block)
      @gate ? @gate.pass(&block) : yield
    end

    # Lets a few in at a time and sends the others away.
    class Gate
      def initialize(most)
        @most = most
        @lock = Mutex.new
        @inside = 0
        @process = Process.pid
      end

      # How many are inside.
      def inside
        @lock.synchronize { counted }
      end

      # @raise [Busy] as many as may be are inside
      def pass
        @lock.synchronize do
          raise Busy.new("too many exchanges are fetching", reason: "too_many_fetches", retryable: true) if counted >= @most

          @inside += 1
        end
        begin
          yield
        ensure
          @lock.synchronize { @inside -= 1 if @inside.positive? }
        end
      end

      private

      # Whoever was inside when a process was forked is not in the child.
      def counted
        if @process != Process.pid
          @process = Process.pid
          @inside = 0
        end
        @inside
      end
    end
  end
end
