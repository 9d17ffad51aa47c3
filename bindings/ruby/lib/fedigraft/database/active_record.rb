# frozen_string_literal: true

# Sessions on a connection of Active Record: its transactions are Active Record's own, so that callbacks and
# nested transactions of the host's models work as ever; the statements go to the raw connection below.
module Fedigraft
  class Database
    class Session
      # Over a connection adapter.
      # @api private
      class OfActiveRecord < Session
        def self.fits?(connection)
          connection.respond_to?(:raw_connection) && connection.respond_to?(:transaction_open?)
        end

        # The connection this thread has taken from the pool, when a transaction of the host is open on it.
        def self.current(pool)
          return unless pool.respond_to?(:active_connection?) && pool.active_connection?

          connection = pool.connection
          transaction = connection.current_transaction
          connection if transaction.open? && transaction.joinable?
        end

        def execute(sql, parameters = [])
          below.execute(sql, parameters)
        end

        def rows(sql, parameters = [])
          below.rows(sql, parameters)
        end

        def transaction_open?
          connection.transaction_open?
        end

        # One of Active Record's. A handler that rolls back quietly (ActiveRecord::Rollback) is told of aloud.
        def transaction
          found = nil
          done = false
          connection.transaction do
            below.take_write_lock
            found = yield
            done = true
          end
          return found if done

          raise Failed.new("the transaction was rolled back from within", reason: "rolled_back", retryable: true)
        end

        def make_tables
          below.make_tables
        end

        private

        # The raw connection is asked for each time: Active Record may have connected anew.
        def below
          raw = connection.raw_connection
          @below = Session.of(raw) unless @below&.connection.equal?(raw)
          @below
        end
      end
    end
  end
end
