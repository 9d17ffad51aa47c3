# frozen_string_literal: true

# Sessions on the +pg+ gem.
module Fedigraft
  class Database
    class Session
      # Over a PG::Connection.
      # @api private
      class OfPostgreSQL < Session
        # Who makes the tables takes this advisory lock, so that two do not make them at once.
        TABLES_LOCK = 0x6665_6469

        # More than there are statements in the schema: one that commits each by itself may win each race.
        ATTEMPTS = 20

        def self.fits?(connection)
          defined?(PG::Connection) && connection.is_a?(PG::Connection)
        end

        # Runs a statement; gives the number of rows it touched.
        def execute(sql, parameters = [])
          run(sql, parameters, &:cmd_tuples)
        end

        # Runs a query.
        def rows(sql, parameters = [])
          run(sql, parameters) do |result|
            result.type_map = types
            result.values
          end
        end

        def transaction_open?
          connection.transaction_status != PG::PQTRANS_IDLE
        end

        # As for every driver; who finds them all there takes no lock. Somebody in another language may make them at the
        # same time without it: IF NOT EXISTS does not help the one that comes second, who gets a unique violation on
        # pg_type and finds the table when it tries again. The savepoint keeps the transaction of a host.
        def make_tables
          last = Fedigraft.schema.scan(/CREATE (?:TABLE|INDEX) IF NOT EXISTS (\w+)/).last.first
          return if row("SELECT to_regclass(?)", [last]).first

          rows("SELECT pg_advisory_xact_lock(#{TABLES_LOCK})")
          again { quietly { super } }
        end

        private

        def begin_transaction
          connection.exec("BEGIN")
        end

        def commit
          connection.exec("COMMIT")
        end

        def rollback
          connection.exec("ROLLBACK") if transaction_open?
        rescue PG::Error
          nil # the connection is gone, and its transaction with it
        end

        # Everything goes as text and untyped, whatever type maps the host has set.
        def run(sql, parameters, &use)
          number = 0
          sql = sql.gsub("?") { "$#{number += 1}" }
          texts = parameters.map { |value| value&.to_s }
          result = connection.exec_params(sql, texts, 0, PG::TypeMapAllStrings.new)
          begin
            use.call(result)
          ensure
            result.clear
          end
        end

        # Numbers come back as Integer, the rest as text.
        def types
          @types ||= PG::TypeMapByOid.new.tap do |map|
            decoder = PG::TextDecoder::Integer
            { "int2" => 21, "int4" => 23, "int8" => 20 }.each do |name, oid|
              map.add_coder(decoder.new(name: name, oid: oid, format: 0))
            end
            map.default_type_map = PG::TypeMapAllStrings.new
          end
        end

        # Tries again, each time from where the transaction stands now.
        def again
          tries = 0
          begin
            connection.exec("SAVEPOINT fedigraft_tables")
            yield
            connection.exec("RELEASE SAVEPOINT fedigraft_tables")
          rescue PG::ServerError
            connection.exec("ROLLBACK TO SAVEPOINT fedigraft_tables")
            retry if (tries += 1) < ATTEMPTS
            raise
          end
        end

        # Without the notices about what is there already.
        def quietly
          execute("SET LOCAL client_min_messages = warning")
          yield
        end
      end
    end
  end
end
