# frozen_string_literal: true

# The host's side of an exchange: its loads and event handlers, and the helpers that a driver asks.
#
# A host's block gets the open connection first. It may give the values of the native model or plain hashes of the
# same shape.
require_relative "database"
require_relative "events"
require_relative "steps"
require_relative "store"

module Fedigraft
  # What the host registered: one block for each load, any number for each event.
  # @api private
  class Host
    # What the host answers; +blocked+ may be left out.
    NAMES = %w[blocked post posts profile].freeze

    # By event class.
    # @return [Hash{Class => Array<#call>}]
    attr_reader :handlers

    def initialize
      @loads = {}
      @handlers = {}
    end

    # The load names that are answered, for the instance.
    def names
      [*@loads.keys, "blocked", *Store::NAMES].uniq.sort
    end

    # Registers the block that answers a load.
    def answer(name, block)
      @loads[name] = needed(block)
    end

    # Registers a handler of an event.
    def handle(event, block)
      (@handlers[event] ||= []) << needed(block)
    end

    # The answer to one document: +{value: …}+, or +nil+ when it is known not to exist.
    def load(session, wanted, now)
      value = NAMES.include?(wanted.name) ? asked(session.connection, wanted) : Store.load(session, wanted, now)
      value.nil? ? nil : { value: value }
    end

    private

    def needed(block)
      return block if block.respond_to?(:call)

      raise InvalidArgument.new("expected a block", reason: "no_block")
    end

    def asked(connection, wanted)
      block = @loads[wanted.name]
      return ((block&.call(connection, wanted.key) || nil) && true) if wanted.name == "blocked"

      value = wanted.name == "posts" ? block.call(connection, wanted.key, wanted.cursor) : block.call(connection, wanted.key)
      case value
      when Value then value.to_h
      when Hash, nil then value
      when false then nil
      else wrong(wanted.name, value)
      end
    end

    def wrong(name, value)
      raise InvalidArgument.new(
        "the block for `#{name}` gave a #{value.class}; expected a value of the native model, a Hash or nil",
        reason: "bad_load", place: name
      )
    end

    # Helps an exchange through one open session; what goes wrong is raised.
    class Joined
      def initialize(host, session)
        @host = host
        @session = session
      end

      # Answers all documents of a step.
      def load(wanted, now)
        wanted.map { |one| @host.load(@session, one, now) }
      end

      # Signs with the key of a local actor.
      def sign(step, now)
        Keyring.sign(@session, step.actor, step.data, now)
      end
    end

    # Helps an exchange through connections of its own, one for each step; what goes wrong is raised.
    class Alone
      def initialize(host, database)
        @host = host
        @database = database
      end

      def load(wanted, now)
        @database.session { |session| Joined.new(@host, session).load(wanted, now) }
      end

      def sign(step, now)
        @database.session { |session| Joined.new(@host, session).sign(step, now) }
      end
    end

    # As +Alone+, for requests from elsewhere: what goes wrong is logged and answered as an error.
    #
    # The core then answers 503, and the sender tries again.
    class Guarded
      def initialize(host, database)
        @alone = Alone.new(host, database)
      end

      def load(wanted, now)
        @alone.load(wanted, now)
      rescue StandardError => e
        Fedigraft.log_exception("loading #{wanted.map(&:name).join(", ")} failed", e)
        wanted.map { { error: e.class.name.to_s, retryable: true } }
      end

      def sign(step, now)
        @alone.sign(step, now)
      rescue Error
        raise
      rescue StandardError => e
        Fedigraft.log_exception("signing failed", e)
        raise Failed.new("the key could not be read", reason: "sign_failed", retryable: true)
      end
    end
  end
end
