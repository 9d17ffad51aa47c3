# frozen_string_literal: true

# Sessions on the +sqlite3+ gem. A file that another connection is writing to is waited for here, in Ruby:
# +busy_timeout+ would wait with the interpreter's lock held, and the writer may be a thread of this very process.
module Fedigraft
  class Database
    class Session
      # Over a SQLite3::Database.
      # @api private
      class OfSQLite < Session
        WAIT_SECONDS = 30
        private_constant :WAIT_SECONDS

        def self.fits?(connection)
          defined?(SQLite3::Database) && connection.is_a?(SQLite3::Database)
        end

        # Lets every statement of a connection wait for others, without the interpreter's lock.
        def self.wait_patiently(connection, seconds)
          tries = (seconds / 0.005).to_i
          connection.busy_handler do |count|
            sleep(0.005)
            count < tries
          end
        end

        # Runs a statement; gives the number of rows it touched.
        def execute(sql, parameters = [])
          patiently do
            run(sql, parameters)
            connection.changes
          end
        end

        # Runs a query.
        def rows(sql, parameters = [])
          patiently { run(sql, parameters) }
        end

        def transaction_open?
          connection.transaction_active?
        end

        # In a transaction that has read nothing yet: a read lock that grows later can fail at once in a busy file.
        def take_write_lock
          patiently(inside: true) { run("DELETE FROM fedigraft_once WHERE 0", []) }
        rescue SQLite3::SQLException
          nil # the tables are about to be made
        end

        private

        # Takes the write lock now. The ends are the methods of the connection: a host may have put hooks there.
        def begin_transaction
          patiently { connection.execute("BEGIN IMMEDIATE") }
        end

        def commit
          patiently(inside: true) { connection.commit }
        rescue StandardError
          rollback
          raise
        end

        def rollback
          connection.rollback if transaction_open?
        end

        # Rows straight from the statement: +results_as_hash+ and type translation of the host do not matter.
        def run(sql, parameters)
          statement = connection.prepare(sql)
          begin
            parameters.each_with_index { |value, index| statement.bind_param(index + 1, value) }
            rows = []
            while (row = statement.step)
              rows << row
            end
            rows
          ensure
            statement.close
          end
        end

        # Tries again while the file is busy; inside a transaction only a commit may be tried again.
        def patiently(inside: false)
          limit = Process.clock_gettime(Process::CLOCK_MONOTONIC) + WAIT_SECONDS
          begin
            yield
          rescue SQLite3::BusyException
            raise if transaction_open? && !inside
            raise if Process.clock_gettime(Process::CLOCK_MONOTONIC) > limit

            sleep(0.005)
            retry
          end
        end
      end
    end
  end
end
