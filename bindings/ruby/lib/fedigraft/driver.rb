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

    # Lets a few in at a time and sends the others away. Whoever is let in holds a place, which is never waited for: a
    # thread that is killed or interrupted (Timeout, rack-timeout) right here loses none. A Mutex would: in Ruby 3.1 one
    # that is interrupted while it waits may take the wake-up of the next with it.
    class Gate
      def initialize(most)
        @most = most
        refill
      end

      # How many are inside.
      def inside
        @most - places.size
      end

      # @raise [Busy] as many as may be are inside
      def pass(&within)
        free = places
        Thread.handle_interrupt(Object => :never) do
          place = taken(free)
          begin
            Thread.handle_interrupt(Object => :immediate, &within)
          ensure
            free << place
          end
        end
      end

      private

      def taken(free)
        free.pop(true)
      rescue ThreadError
        raise Busy.new("too many exchanges are fetching", reason: "too_many_fetches", retryable: true)
      end

      # Whoever was inside when a process was forked is not in the child.
      def places
        refill if @process != Process.pid
        @free
      end

      def refill
        @free = Thread::Queue.new(Array.new(@most, true))
        @process = Process.pid
      end
    end
  end
end
