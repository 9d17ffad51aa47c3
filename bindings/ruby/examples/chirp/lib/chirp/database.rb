# frozen_string_literal: true

require "fileutils"
require "sqlite3"
require_relative "settings"

module Chirp
  # A connection to the database: SQLite, WAL, rows as hashes, transactions that are always explicit.
  #
  # A request has one (see App#db); threads and programs beside the requests open their own with Database.connect.
  class Database < SQLite3::Database
    SCHEMA = File.join(__dir__, "schema.sql")
    VERSION = 1
    PATIENCE = 10 # seconds to wait for another writer

    # There is no database yet, or one of another version.
    class NotPrepared < StandardError; end

    class << self
      # A connection to the prepared database. With a block it is closed afterwards.
      def connect(path = Chirp.settings.database)
        raise NotPrepared, "there is no database #{path}: run `init-db`" unless File.exist?(path)

        opened = new(path)
        unless opened.get_first_value("PRAGMA user_version") == VERSION
          opened.close
          raise NotPrepared, "#{path} is no chirp database of version #{VERSION}: run `init-db`"
        end
        return opened unless block_given?

        begin
          yield opened
        ensure
          opened.close
        end
      end

      # One transaction on a connection of its own.
      def transaction(&block) = connect { |opened| opened.transaction(&block) }

      # Creates the tables of a new database. Does nothing to one that is there.
      def prepare(path = Chirp.settings.database)
        FileUtils.mkdir_p(File.dirname(path))
        opened = new(path)
        opened.execute("PRAGMA journal_mode = WAL")
        return unless opened.get_first_value("PRAGMA user_version").zero?

        opened.transaction { opened.execute_batch(File.read(SCHEMA, encoding: "UTF-8")) }
      ensure
        opened&.close
      end
    end

    def initialize(path)
      super(path, results_as_hash: true)
      @on_commit = []
      @on_rollback = []
      # busy_timeout would wait with the interpreter locked, and so block the thread that has the database.
      busy_handler { |tries| sleep(0.005) && tries < PATIENCE * 200 }
      execute("PRAGMA foreign_keys = ON")
      execute("PRAGMA synchronous = NORMAL")
    end

    # Runs the block as one transaction, which begins at once: committed at its end, rolled back when it is left
    # in any other way. They do not nest. Without a block it is left open.
    def transaction(mode = :immediate)
      super(mode, &nil)
      return self unless block_given?

      begin
        result = yield self
        commit
        result
      ensure
        rollback if transaction_active?
      end
    end

    # Does the action once the open transaction is committed, and not at all when it is rolled back.
    def after_commit(&action) = @on_commit << action

    # Does the action when the open transaction is rolled back.
    def after_rollback(&action) = @on_rollback << action

    def commit
      super
      finish(@on_commit)
    end

    def rollback
      super
      finish(@on_rollback)
    end

    # SQLite has no booleans.
    def execute(sql, values = [], &block)
      values = [values] unless values.is_a?(Array) || values.is_a?(Hash)
      super(sql, values.is_a?(Hash) ? values.transform_values { |v| plain(v) } : values.map { |v| plain(v) }, &block)
    end

    # The first row; nil when there is none.
    def row(sql, values = []) = execute(sql, values).first

    # Changes rows and gives how many.
    def change(sql, values = [])
      execute(sql, values)
      changes
    end

    private

    def plain(value)
      case value
      when true then 1
      when false then 0
      else value
      end
    end

    def finish(actions)
      @on_commit = []
      @on_rollback = []
      actions.each(&:call)
    end
  end
end
