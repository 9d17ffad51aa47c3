# frozen_string_literal: true

# A session: one connection as the store uses it, whatever driver it is of. SQL is written with +?+; rows are
# plain arrays, whatever the host's connection makes of them.
require_relative "../errors"

module Fedigraft
  class Database
    # What the sessions of all drivers have in common.
    # @api private
    class Session
      # The session of a connection: +sqlite3+, +pg+, or Active Record over one of them.
      # @raise [InvalidArgument] it is of no driver that is known
      def self.of(connection)
        kind = [OfActiveRecord, OfSQLite, OfPostgreSQL].find { |one| one.fits?(connection) }
        return kind.new(connection) if kind

        raise InvalidArgument.new(
          "expected a SQLite3::Database, a PG::Connection or a connection of Active Record over one of them, " \
          "got a #{connection.class}", reason: "bad_database", place: "connection"
        )
      end

      # What the host's functions get.
      attr_reader :connection

      def initialize(connection)
        @connection = connection
      end

      # The first row, or nothing.
      def row(sql, parameters = [])
        rows(sql, parameters).first
      end

      # Begins a transaction, commits it after the block, rolls it back when the block raises.
      def transaction
        begin_transaction
        begin
          found = yield
          done = true
        ensure
          done ? commit : rollback
        end
        found
      end

      # Takes what keeps other writers away from the whole database, where there is such a lock.
      def take_write_lock; end

      # Makes the tables that are not there.
      def make_tables
        Fedigraft.schema.split(/;\s*$/).each { |statement| execute(statement) unless statement.strip.empty? }
      end
    end
  end
end

require_relative "sqlite"
require_relative "postgresql"
require_relative "active_record"
