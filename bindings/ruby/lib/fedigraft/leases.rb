# frozen_string_literal: true

# Jobs and deliveries as queue rows: put in, claimed for a while, finished or put off.
#
# A claim is one compare-and-swap on +due_at+: it works alike on SQLite and PostgreSQL, needs no lock while the work
# runs, and ends by itself when the worker is killed. Whoever finishes a row must still hold its lease.
require "json"
require "securerandom"

module Fedigraft
  # A row this worker holds until +until+.
  # @api private
  Lease = Struct.new(:queue, :id, :mark, :until, :failures, :document, keyword_init: true)

  # The queues.
  # @api private
  module Leases
    QUEUES = %w[jobs deliveries].freeze

    # How long a worker may hold a row, in seconds; more than the longest exchange takes.
    LEASE_SECONDS = 300
    LONGEST_DELAY = 6 * 3600
    LOOKED_AT = 20
    private_constant :LONGEST_DELAY, :LOOKED_AT

    module_function

    # Adds rows; one that is there already stays as it is.
    def put(session, queue, documents, now)
      documents.each do |document|
        session.execute(
          "INSERT INTO fedigraft_#{queue} (id, due_at, lease, failures, document) VALUES (?, ?, NULL, 0, ?) " \
          "ON CONFLICT (id) DO NOTHING",
          [document["id"], [document["not_before"].to_i, now].max, JSON.generate(document, max_nesting: 0)]
        )
      end
    end

    # Takes the row that has been due longest, or the one that is named; nothing when none is due.
    def claim(session, queue, now, id: nil)
      sql = "SELECT id, due_at, failures, document FROM fedigraft_#{queue} WHERE due_at <= ?"
      sql += " AND id = ?" if id
      due = session.rows("#{sql} ORDER BY due_at LIMIT #{LOOKED_AT}", [now, *id])
      due.each do |row_id, due_at, failures, document|
        lease = Lease.new(
          queue: queue, id: row_id, mark: SecureRandom.hex(16), until: now + LEASE_SECONDS, failures: failures,
          document: JSON.parse(document, max_nesting: false)
        )
        taken = session.execute(
          "UPDATE fedigraft_#{queue} SET due_at = ?, lease = ? WHERE id = ? AND due_at = ?",
          [lease.until, lease.mark, row_id, due_at]
        )
        return lease if taken == 1
      end
      nil
    end

    # Removes the row; false when the lease ran out and somebody else has it.
    def finish(session, lease)
      session.execute("DELETE FROM fedigraft_#{lease.queue} WHERE id = ? AND lease = ?", [lease.id, lease.mark]) == 1
    end

    # Keeps the row for a later try, each time twice as far away. Nothing is ever dropped here.
    def put_off(session, lease, now)
      delay = [60 * (2**[lease.failures, 10].min), LONGEST_DELAY].min
      session.execute(
        "UPDATE fedigraft_#{lease.queue} SET due_at = ?, lease = NULL, failures = failures + 1 " \
        "WHERE id = ? AND lease = ?", [now + delay, lease.id, lease.mark]
      )
    end

    # The rows that are due, or will be within some seconds, the oldest first: queue, id and time.
    def due(session, until_time, limit)
      QUEUES.flat_map do |queue|
        session.rows(
          "SELECT id, due_at FROM fedigraft_#{queue} WHERE due_at <= ? ORDER BY due_at LIMIT #{Integer(limit)}", [until_time]
        ).map { |id, due_at| [queue, id, due_at] }
      end
    end

    # When the next row is due, in seconds since the epoch; nothing when there is none.
    def next_due(session)
      session.row(
        "SELECT MIN(due_at) FROM (SELECT MIN(due_at) AS due_at FROM fedigraft_jobs " \
        "UNION ALL SELECT MIN(due_at) AS due_at FROM fedigraft_deliveries) AS queues"
      )&.first
    end
  end
end
