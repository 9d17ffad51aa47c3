# frozen_string_literal: true

# Leases: each row of a queue is worked on by one, and comes back when that one dies.
require_relative "helper"
require_relative "support/on_store"

# The same tests for each database.
module LeaseTests
  NOW = OnStore::NOW

  def test_a_row_is_claimed_when_due_and_by_one
    queue("jobs", job(1), job(2, NOW + 100))
    queue("jobs", job(1))
    first = claim(NOW)
    assert_equal ["1", job(1)], [first.id, first.document]
    assert_nil claim(NOW)
    assert_equal "2", claim(NOW + 100).id
  end

  def test_a_named_row_is_claimed_when_due
    queue("deliveries", job(1), job(2), job(3, NOW + 100))
    assert_equal "2", claim(NOW, "deliveries", id: "2").id
    assert_nil claim(NOW, "deliveries", id: "2")
    assert_nil claim(NOW, "deliveries", id: "3")
    assert_nil claim(NOW, "deliveries", id: "4")
    assert_equal "1", claim(NOW, "deliveries").id
  end

  # Both look before either claims; a database that lets them must still give the row to one.
  def test_of_two_who_see_the_same_row_one_gets_it
    queue("jobs", job(1))
    seen = @database.session { |session| session.rows("SELECT id, due_at, failures, document FROM fedigraft_jobs") }
    assert claim(NOW)
    @database.transaction do |session|
      session.define_singleton_method(:rows) { |*_| seen }
      assert_nil Fedigraft::Leases.claim(session, "jobs", NOW)
    end
  end

  def test_a_dead_workers_row_comes_back_and_its_lease_is_worth_nothing
    queue("jobs", job(1))
    dead = claim(NOW)
    assert_nil claim(NOW + Fedigraft::Leases::LEASE_SECONDS - 1)
    alive = claim(NOW + Fedigraft::Leases::LEASE_SECONDS)
    @database.transaction { |session| refute Fedigraft::Leases.finish(session, dead) }
    @database.transaction { |session| assert Fedigraft::Leases.finish(session, alive) }
    assert_nil claim(NOW + 1_000_000)
  end

  def test_a_commit_without_its_lease_writes_nothing
    queue("jobs", job(1))
    dead = claim(NOW)
    assert claim(NOW + Fedigraft::Leases::LEASE_SECONDS)
    done = Fedigraft::Done.new(number: 1, document: {}, once: ["a"])
    assert_raises(Fedigraft::LeaseLost) do
      @database.transaction { |session| Fedigraft::Commit.apply(session, done, {}, NOW, dead) }
    end
    assert_nil get("once", "a")
  end

  def test_what_cannot_be_run_is_kept_ever_further_away
    queue("jobs", job(1))
    now = NOW
    waits = Array.new(12) do
      lease = claim(now)
      due = @database.transaction do |session|
        Fedigraft::Leases.put_off(session, lease, now)
        Fedigraft::Leases.next_due(session)
      end
      due - now.tap { now = due }
    end
    assert_equal [60, 120, 240, 480], waits.first(4)
    assert_equal 6 * 3600, waits.max
  end

  def test_twenty_threads_claim_each_row_once
    queue("deliveries", *(0...60).map { |number| job(number) })
    taken = Queue.new
    Array.new(20) do
      Thread.new do
        while (lease = claim(NOW, "deliveries"))
          taken << lease.id.to_i
        end
      end
    end.each(&:join)
    assert_equal (0...60).to_a, Array.new(taken.size) { taken.pop }.sort
  end

  def test_four_processes_claim_each_row_once
    queue("deliveries", *(0...40).map { |number| job(number) })
    reader, writer = IO.pipe
    children = Array.new(4) do
      fork do
        claimed = 0
        while (lease = claim(NOW, "deliveries"))
          writer.write("#{lease.id}\n")
          claimed += 1
        end
        exit!(0)
      rescue StandardError => e
        warn e.full_message
        exit!(1)
      end
    end
    writer.close
    assert_equal (0...40).to_a, reader.read.lines.map(&:to_i).sort
    assert(children.map { |child| Process.wait2(child).last.success? }.all?)
  end
end

class SQLiteLeaseTest < FedigraftTest
  include OnStore::SQLite
  include LeaseTests
end

class PostgreSQLLeaseTest < FedigraftTest
  include OnStore::PostgreSQL
  include LeaseTests
end
