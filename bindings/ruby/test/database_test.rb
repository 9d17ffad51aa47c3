# frozen_string_literal: true

# Connections and transactions: the host's own, those that are opened, and what is left when they fail.
require_relative "helper"
require_relative "support/on_store"

# The same tests for each database.
module DatabaseTests
  NOW = OnStore::NOW

  def test_the_tables_are_made_once_by_many_at_a_time
    found = Array.new(8) { Thread.new { another.session { |session| session.row("SELECT 1 FROM fedigraft_keys") } } }
    assert_equal [nil] * 8, found.map(&:value)
  end

  def test_an_exception_rolls_everything_back
    assert_raises(ZeroDivisionError) do
      @database.transaction do |session|
        Fedigraft::Store.apply(session, [entry("put", "tombstone", "k", {})], NOW)
        Fedigraft::Store.enter_once(session, ["a"], NOW)
        raise ZeroDivisionError
      end
    end
    assert_nil get("tombstone", "k")
    assert_nil get("once", "a")
  end

  # Neither an exception nor a jump out of the block commits half of it.
  def test_a_throw_rolls_back_too
    catch(:out) do
      @database.transaction do |session|
        Fedigraft::Store.enter_once(session, ["a"], NOW)
        throw :out
      end
    end
    assert_nil get("once", "a")
  end

  def test_a_joined_transaction_stays_the_hosts
    get("once", "x")
    host = closing(connect)
    begin_on(host)
    Fedigraft::Store.apply(@database.join(host), [entry("put", "tombstone", "k", {})], NOW)
    assert_nil get("tombstone", "k")
    run_on(host, "ROLLBACK")
    assert_nil get("tombstone", "k")
    begin_on(host)
    Fedigraft::Store.apply(@database.join(host), [entry("put", "tombstone", "k", {})], NOW)
    run_on(host, "COMMIT")
    assert_equal({}, get("tombstone", "k"))
  end

  # Before the tables are there, and rolled back: they are made again when they are needed.
  def test_tables_made_in_a_hosts_transaction_that_is_rolled_back
    host = closing(connect)
    begin_on(host)
    assert another.join(host)
    run_on(host, "ROLLBACK")
    begin_on(host)
    Fedigraft::Store.apply(@database.join(host), [entry("put", "tombstone", "k", {})], NOW)
    run_on(host, "COMMIT")
    assert_equal({}, get("tombstone", "k"))
  end

  def test_a_connection_without_a_transaction_is_refused
    host = closing(connect)
    assert_equal "no_transaction", refused(Fedigraft::InvalidArgument) { @database.join(host) }.reason
  end

  def test_a_pool_will_do
    given = []
    pool = lambda do |&use|
      given << "out"
      connection = connect
      use.call(connection)
    ensure
      connection&.close
      given << "back"
    end
    database = Fedigraft::Database.new(pool)
    database.transaction { |session| Fedigraft::Store.enter_once(session, ["a"], NOW) }
    assert get("once", "a")
    assert_equal %w[out back], given
  end

  def test_what_is_opened_is_closed
    opened = []
    database = Fedigraft::Database.new(-> { connect.tap { |connection| opened << connection } })
    database.session { nil }
    assert_raises(ZeroDivisionError) { database.transaction { 1 / 0 } }
    assert_equal 2, opened.size
    assert(opened.all? { |connection| connection.respond_to?(:closed?) ? connection.closed? : connection.finished? })
  end
end

class SQLiteDatabaseTest < FedigraftTest
  include OnStore::SQLite
  include DatabaseTests

  def test_any_row_type_of_the_host_will_do
    @database = Fedigraft::Database.new(-> { connect.tap { |db| db.results_as_hash = true } })
    put(actor("https://a/1", inbox: "https://a/inbox"), follow("https://a/1", "https://me/1"))
    assert_equal ["https://a/inbox"], get("inboxes", "https://me/1")["items"]
  end

  # A connection that gives up at once; the store waits for the writer, which is a thread of the same process.
  def test_a_busy_file_is_waited_for
    get("once", "x")
    @database = Fedigraft::Database.new(-> { SQLite3::Database.new(@path) })
    writer = closing(connect)
    writer.transaction(:immediate)
    thread = Thread.new { put(entry("put", "tombstone", "k", {})) }
    sleep 0.2
    assert thread.alive?
    writer.commit
    thread.join
    assert_equal({}, get("tombstone", "k"))
  end

  def test_a_transaction_ends_by_the_connections_own_methods
    called = []
    kind = Class.new(SQLite3::Database) do
      define_method(:commit) { called << :commit and super() }
      define_method(:rollback) { called << :rollback and super() }
    end
    database = Fedigraft::Database.new(-> { kind.new(@path) })
    database.transaction { nil }
    assert_raises(ZeroDivisionError) { database.transaction { 1 / 0 } }
    assert_equal %i[commit commit rollback], called
  end

  def test_memory_is_refused_with_the_remedy
    assert_includes refused(Fedigraft::InvalidArgument) { Fedigraft::Database.new(":memory:") }.message, "path of a file"
    assert_raises(Fedigraft::InvalidArgument) { Fedigraft::Database.new(5) }
  end

  def test_a_pathname_will_do
    require "pathname"
    assert Fedigraft::Database.new(Pathname(@path)).session(&:itself)
  end
end

class PostgreSQLDatabaseTest < FedigraftTest
  include OnStore::PostgreSQL
  include DatabaseTests

  def test_any_type_map_of_the_host_will_do
    @database = Fedigraft::Database.new(lambda do
      connect.tap do |db|
        db.type_map_for_results = PG::BasicTypeMapForResults.new(db)
        db.type_map_for_queries = PG::BasicTypeMapForQueries.new(db)
      end
    end)
    put(actor("https://a/1", inbox: "https://a/inbox"), follow("https://a/1", "https://me/1"))
    assert_equal 1, get("followers", "https://me/1")["total"]
    queue("jobs", job(1))
    assert_equal 0, claim(NOW).failures
  end

  # Who finds the tables there needs no right to make any, and waits for nobody.
  def test_tables_that_are_there_are_left_alone
    get("once", "x")
    holder = closing(connect)
    begin_on(holder)
    run_on(holder, "SELECT pg_advisory_xact_lock(#{Fedigraft::Database::Session::OfPostgreSQL::TABLES_LOCK})")
    Timeout.timeout(5) { another.session(&:itself) }
  end

  # Another binding makes the tables in an open transaction, without this one's lock. Whoever comes second waits for it,
  # loses, and finds them; a host's own transaction goes on.
  def test_tables_that_somebody_else_makes_at_the_same_time
    [-> { another.session { |session| noted(session) } }, -> { joined { |session| noted(session) } }].each do |second|
      run_on(closing(connect), "DROP SCHEMA store CASCADE; CREATE SCHEMA store")
      first = closing(connect)
      begin_on(first)
      run_on(first, Fedigraft.schema)
      waiting = Thread.new(&second)
      waiting.report_on_exception = false
      eventually { blocked? }
      run_on(first, "COMMIT")
      assert waiting.value
    end
  end

  def test_a_connection_that_breaks_is_told_and_nothing_is_left
    error = assert_raises(PG::Error) do
      @database.transaction do |session|
        Fedigraft::Store.enter_once(session, ["a"], NOW)
        pid = session.row("SELECT pg_backend_pid()").first
        run_on(closing(connect), "SELECT pg_terminate_backend(#{pid})")
        session.execute("SELECT 1")
      end
    end
    assert error.message
    assert_nil get("once", "a")
  end

  private

  def noted(session)
    Fedigraft::Store.enter_once(session, ["a #{object_id}"], NOW)
  end

  def joined
    host = closing(connect)
    begin_on(host)
    found = yield another.join(host)
    run_on(host, "COMMIT")
    found
  end

  def blocked?
    closing(connect).exec("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'").ntuples.positive?
  end
end
