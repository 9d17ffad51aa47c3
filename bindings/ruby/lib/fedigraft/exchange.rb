# frozen_string_literal: true

# The exchange: one unit of work that asks for help step by step and has an effect only when it is done.
require_relative "handle"
require_relative "steps"

module Fedigraft
  # One exchange. It serves one thread at a time; closing it early leaves no trace.
  class Exchange < Handle
    # Made by the block, which gets the two last arguments of its C function.
    # @api private
    def initialize(&made)
      own(Native.handle(:fedigraft_exchange_free, &made))
    end

    # What is needed next. Asking again gives the same step.
    # @return [Load, Fetch, Sign, Done]
    def step
      pinned do |exchange|
        document, body = Native.json_and_bytes do |out, raw, error|
          Native.fedigraft_exchange_step(exchange, out, raw, error)
        end
        Steps.read(document, body)
      end
    end

    # One value for each document that was asked for: +{value: …}+, +nil+ or +{error: "…", retryable: true}+.
    # @param step [Integer] the number of the step that is answered
    # @param now [Integer] seconds since the epoch
    # @param values [Array]
    def answer_load(step, now, values)
      values = Native.document(values)
      answer do |exchange, error|
        Native.fedigraft_exchange_answer_load(exchange, step, now, values, values.bytesize, error)
      end
    end

    # The answer to a request.
    # @param fetched [Fetched]
    def answer_fetch(step, now, fetched)
      head = Native.document(fetched.head)
      body = fetched.body
      answer do |exchange, error|
        Native.fedigraft_exchange_answer_fetch(
          exchange, step, now, head, head.bytesize, body, body.bytesize, error
        )
      end
    end

    # The signature over the bytes that were asked for.
    # @param signature [String] raw
    def answer_sign(step, now, signature)
      signature = Native.input(signature, "signature")
      answer do |exchange, error|
        Native.fedigraft_exchange_answer_sign(exchange, step, now, signature, signature.bytesize, error)
      end
    end

    # Says that a step could not be done.
    # @param reason [String] a word without user data
    # @param retryable [Boolean] it may work later
    def answer_failed(step, now, reason, retryable)
      reason = Native.input(reason, "reason")
      answer do |exchange, error|
        Native.fedigraft_exchange_answer_failed(
          exchange, step, now, reason, reason.bytesize, retryable ? 1 : 0, error
        )
      end
    end

    private

    def answer
      pinned { |exchange| Native.call { |error| yield exchange, error } }
    end
  end
end
