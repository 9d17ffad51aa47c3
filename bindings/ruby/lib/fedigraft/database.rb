# frozen_string_literal: true

# Connections and transactions: the host's own database, or a SQLite file.
#
# A connection the host passes in keeps its transaction: it is neither committed nor rolled back here. One that is
# opened here ends here.
require_relative "database/session"

module Fedigraft
  # Where the store lives, and how to reach it.
  # @api private
  class Database
    BUSY_SECONDS = 30
    private_constant :BUSY_SECONDS

    # @param source [#call, #with_connection, #with, #connection_pool, String] a lambda that opens a new connection, one with a
    #   block parameter that yields one, a pool, a class of Active Record, or the path of a SQLite file to keep for itself
    def initialize(source)
      @source = reached(source)
      @ready = false
      @process = Process.pid
    end

    # Opens a connection for reading; what little is written is committed by itself.
    def session
      @source.call { |connection| yield prepared(Session.of(connection)) }
    end

    # Opens a connection and one transaction: committed at the end, rolled back on an exception.
    def transaction
      session { |session| session.transaction { yield session } }
    end

    # The host's open connection, whose transaction stays the host's.
    # @raise [InvalidArgument] no transaction is open on it
    def join(connection)
      session = Session.of(connection)
      unless session.transaction_open?
        raise InvalidArgument.new(
          "no transaction is open on this connection; begin one first, so that there is something to join",
          reason: "no_transaction", place: "connection"
        )
      end
      # Not noted as done: the host may roll its transaction back.
      session.make_tables unless @ready
      session
    end

    # The connection of Active Record whose transaction is open on this thread, if there is one.
    def current
      @pool && Session::OfActiveRecord.current(@pool.call)
    end

    private

    def prepared(session)
      unless @ready
        session.transaction { session.make_tables }
        @ready = true
      end
      session
    end

    def reached(source)
      source = source.to_path if source.respond_to?(:to_path)
      return embedded(source) if source.is_a?(String)
      # Asked for each time: after a fork, or a new configuration, it is another one.
      return pool { source.connection_pool } if source.respond_to?(:connection_pool)
      return pool { source } if source.respond_to?(:with_connection)
      return source.method(:with) if source.respond_to?(:with) && !source.respond_to?(:call)
      return unusable unless source.respond_to?(:call)

      parameters = source.respond_to?(:parameters) ? source.parameters : source.method(:call).parameters
      parameters.any? { |kind, _| kind == :block } ? source : opening(source)
    end

    def pool(&pool)
      @pool = pool
      ->(&use) { pool.call.with_connection(&use) }
    end

    # Opens one, gives it to the block, closes it.
    def opening(source)
      lambda do |&use|
        connection = source.call
        begin
          use.call(connection)
        ensure
          connection.close if connection.respond_to?(:close)
        end
      end
    end

    def embedded(path)
      if ["", ":memory:"].include?(path)
        raise InvalidArgument.new(
          "each connection to :memory: is a database of its own; give the path of a file", reason: "bad_database"
        )
      end
      require "sqlite3"
      opening(lambda do
        SQLite3::Database.new(path).tap do |connection|
          Session::OfSQLite.wait_patiently(connection, BUSY_SECONDS)
          connection.execute("PRAGMA journal_mode = WAL")
        end
      end)
    end

    def unusable
      raise InvalidArgument.new(
        "expected a lambda that opens a connection, a pool, or the path of a SQLite file", reason: "bad_database"
      )
    end
  end

  # The SQL that makes the tables, for a host that runs its own migrations.
  # @return [String]
  def self.schema
    @schema ||= File.read(File.join(__dir__, "schema.sql"), encoding: Encoding::UTF_8).freeze
  end
end
