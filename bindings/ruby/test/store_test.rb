# frozen_string_literal: true

# What the store keeps and how: entries, lists, once, keys, leases, on real SQLite files and a real PostgreSQL.
require_relative "helper"

# The same tests for each database.
module StoreTests
  NOW = 1_790_000_000

  def entry(operation, name, key, value = nil, **rest)
    { "op" => operation, "name" => name, "key" => key, "value" => value, **rest.transform_keys(&:to_s) }
  end

  def put(*entries, now: NOW)
    @database.transaction { |session| Fedigraft::Store.apply(session, entries, now) }
  end

  def get(name, key, cursor = nil, now: NOW)
    @database.session { |session| Fedigraft::Store.load(session, Fedigraft::Wanted.new(name, key, cursor), now) }
  end

  %w[activity remote_post remote_key origin tombstone].each do |name|
    define_method("test_a_#{name}_is_put_replaced_and_removed") do
      assert_nil get(name, "k")
      put(entry("put", name, "k", { "n" => 1, "text" => "\0 é \u2028 ? $1" }))
      assert_equal({ "n" => 1, "text" => "\0 é \u2028 ? $1" }, get(name, "k"))
      put(entry("put", name, "k", { "n" => 2 }))
      assert_equal({ "n" => 2 }, get(name, "k"))
      assert_nil get(name, "other")
      put(entry("remove", name, "k"))
      assert_nil get(name, "k")
    end
  end

  def test_put_if_newer_keeps_the_newest
    put(entry("put_if_newer", "remote_post", "k", { "n" => 5 }, version: 5))
    [4, 5].each { |version| put(entry("put_if_newer", "remote_post", "k", { "n" => "old" }, version: version)) }
    assert_equal({ "n" => 5 }, get("remote_post", "k"))
    put(entry("put_if_newer", "remote_post", "k", { "n" => 6 }, version: 6))
    assert_equal({ "n" => 6 }, get("remote_post", "k"))
  end

  def test_add_only_adds
    put(entry("add", "tombstone", "k", { "n" => 1 }), entry("add", "tombstone", "k", { "n" => 2 }))
    assert_equal({ "n" => 1 }, get("tombstone", "k"))
  end

  def test_an_unknown_operation_is_refused
    assert_raises(Fedigraft::Internal) { put(entry("replace", "tombstone", "k", {})) }
  end

  def test_what_has_expired_is_absent_and_is_purged
    put(entry("put", "remote_key", "k", { "n" => 1 }, expires: NOW + 10))
    assert_equal({ "n" => 1 }, get("remote_key", "k", now: NOW + 9))
    assert_nil get("remote_key", "k", now: NOW + 10)
    put(entry("add", "remote_key", "k", { "n" => 2 }, expires: NOW + 20), now: NOW + 10)
    assert_equal({ "n" => 2 }, get("remote_key", "k", now: NOW + 10))
    @database.transaction do |session|
      Fedigraft::Store.enter_once(session, ["long ago"], NOW - (181 * 86_400))
      Fedigraft::Store.purge(session, NOW + 20)
      assert_empty session.rows("SELECT * FROM fedigraft_documents")
    end
    assert_nil get("once", "long ago")
  end

  def actor(uri, inbox:, shared: nil, handle: nil)
    value = { "v" => 1, "id" => uri, "inbox" => inbox, "shared_inbox" => shared, "handle" => handle }
    entry("put", "remote_actor", uri, value)
  end

  def follow(follower, followee, state = "accepted")
    entry("put", "follow", "#{follower} #{followee}", { "v" => 1, "state" => state, "activity" => "x", "at" => 1 })
  end

  def test_an_actor_is_found_by_uri_and_by_handle
    put(actor("https://a/1", inbox: "https://a/1/inbox", handle: "@Bob@a.example"))
    assert_equal "https://a/1", get("remote_actor", "https://a/1")["id"]
    assert_equal "https://a/1", get("remote_actor", "acct:bob@a.example")["id"]
    assert_nil get("remote_actor", "acct:eve@a.example")
  end

  def test_follows_have_lists_on_both_sides
    put(follow("https://a/1", "https://me/1"), follow("https://a/2", "https://me/1", "pending"))
    put(follow("https://me/1", "https://a/1"))
    assert_equal "pending", get("follow", "https://a/2 https://me/1")["state"]
    assert_equal({ "items" => ["https://a/1"], "next" => nil, "total" => 1 }, get("followers", "https://me/1"))
    assert_equal ["https://a/1"], get("following", "https://me/1")["items"]
    assert_equal ["https://me/1"], get("local_followers", "https://a/1")["items"]
    put(entry("remove", "follow", "https://a/1 https://me/1"))
    assert_equal 0, get("followers", "https://me/1")["total"]
  end

  def test_inboxes_are_distinct_and_paged
    rows = (0...250).flat_map do |number|
      uri = "https://s#{number}/u"
      big = "https://big/#{number}"
      [actor(uri, inbox: format("https://s%03d/inbox", number)), follow(uri, "https://me/1"),
       actor(big, inbox: "#{big}/inbox", shared: "https://big/inbox"), follow(big, "https://me/1")]
    end
    put(*rows, actor("https://p/1", inbox: "https://p/inbox"), follow("https://p/1", "https://me/1", "pending"))
    pages = [get("inboxes", "https://me/1")]
    pages << get("inboxes", "https://me/1", pages.last["next"]) while pages.last["next"]
    items = pages.flat_map { |page| page["items"] }
    assert_equal([100, 100, 51], pages.map { |page| page["items"].size })
    assert_equal items.uniq.sort, items
    assert_includes items, "https://big/inbox"
    refute_includes items, "https://p/inbox"
  end

  def test_inboxes_follow_the_actor_in_either_order
    put(follow("https://a/1", "https://me/1"))
    assert_empty get("inboxes", "https://me/1")["items"]
    put(actor("https://a/1", inbox: "https://a/inbox"))
    assert_equal ["https://a/inbox"], get("inboxes", "https://me/1")["items"]
    put(actor("https://a/1", inbox: "https://a/inbox", shared: "https://a/shared"))
    assert_equal ["https://a/shared"], get("inboxes", "https://me/1")["items"]
    put(entry("remove", "inboxes", "https://a/shared"))
    assert_empty get("followers", "https://me/1")["items"]
  end

  def test_once_is_all_or_nothing
    @database.transaction { |session| assert Fedigraft::Store.enter_once(session, %w[b a], NOW) }
    assert get("once", "a")
    @database.transaction { |session| refute Fedigraft::Store.enter_once(session, %w[c b 0], NOW) }
    assert_nil get("once", "c")
    assert_nil get("once", "0")
  end

  def test_a_key_pair_is_made_once_for_each_actor
    made = get("key", "https://me/1")
    assert_equal "https://me/1#main-key", made["key_id"]
    assert Fedigraft::PublicKey.from_pem(made["public_key_pem"])
    assert_equal made, get("key", "https://me/1")
    refute_equal made["public_key_pem"], get("key", "https://me/2")["public_key_pem"]
  end

  def test_a_key_pair_is_made_once_by_many_at_a_time
    get("once", "x")
    found = Array.new(8) { Thread.new { get("key", "https://me/1")["public_key_pem"] } }.map(&:value)
    assert_equal 1, found.uniq.size
  end

  def test_the_tables_are_made_once_by_many_at_a_time
    found = Array.new(8) { Thread.new { another.session { |session| session.row("SELECT 1 FROM fedigraft_keys") } } }
    assert_equal [nil] * 8, found.map(&:value)
  end

  def job(number, not_before = 0)
    { "v" => 1, "id" => number.to_s, "kind" => "test", "not_before" => not_before }
  end

  def queue(queue, *jobs)
    @database.transaction { |session| Fedigraft::Leases.put(session, queue, jobs, NOW) }
  end

  def claim(now, queue = "jobs", **rest)
    @database.transaction { |session| Fedigraft::Leases.claim(session, queue, now, **rest) }
  end

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

  private

  def another
    Fedigraft::Database.new(-> { connect })
  end
end

class SQLiteStoreTest < FedigraftTest
  include StoreTests

  def setup
    super
    @path = File.join(@folder, "store.db")
    @database = Fedigraft::Database.new(@path)
  end

  def test_any_row_type_of_the_host_will_do
    @database = Fedigraft::Database.new(-> { connect.tap { |db| db.results_as_hash = true } })
    put(actor("https://a/1", inbox: "https://a/inbox"), follow("https://a/1", "https://me/1"))
    assert_equal ["https://a/inbox"], get("inboxes", "https://me/1")["items"]
  end

  def test_a_page_of_inboxes_walks_an_index
    put(follow("https://a/1", "https://me/1"))
    plan = @database.session do |session|
      session.rows(
        "EXPLAIN QUERY PLAN SELECT DISTINCT inbox FROM fedigraft_follows WHERE followee = ? AND " \
        "state = 'accepted' AND inbox IS NOT NULL AND inbox > ? ORDER BY inbox LIMIT 101", ["a", ""]
      )
    end
    assert_includes plan.to_s, "fedigraft_follows_inbox"
    refute_includes plan.to_s, "TEMP B-TREE"
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

  private

  def connect
    SQLite3::Database.new(@path).tap { |db| Fedigraft::Database::Session::OfSQLite.wait_patiently(db, 20) }
  end

  def begin_on(connection)
    connection.transaction
  end

  def run_on(connection, sql)
    connection.execute(sql)
  end
end

class PostgreSQLStoreTest < FedigraftTest
  include StoreTests

  ADDRESS = ENV.fetch("FEDIGRAFT_TEST_POSTGRES", "")

  def setup
    super
    skip "FEDIGRAFT_TEST_POSTGRES names no database" if ADDRESS.empty?
    require "pg"
    run_on(closing(connect), "DROP SCHEMA IF EXISTS store CASCADE; CREATE SCHEMA store")
    @database = Fedigraft::Database.new(-> { connect })
  end

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

  def connect
    PG.connect(ADDRESS).tap do |db|
      db.set_notice_receiver { |_| nil }
      db.exec("SET search_path TO store")
    end
  end

  def begin_on(connection)
    connection.exec("BEGIN")
  end

  def run_on(connection, sql)
    connection.exec(sql)
  end
end

class KeyringTest < Minitest::Test
  # Of many keys a few stay parsed: those that were asked for last.
  def test_the_memory_of_parsed_keys_is_bounded
    parsed = Fedigraft::Keyring.instance_variable_get(:@parsed)
    before = parsed.dup
    parsed.replace((0...64).to_h { |number| ["pem #{number}", number] })
    pem = Fedigraft::PrivateKey.generate(&:to_pem)
    assert_equal 0, Fedigraft::Keyring.parsed("pem 0")
    assert_same Fedigraft::Keyring.parsed(pem), Fedigraft::Keyring.parsed(pem)
    assert_equal [64, true, false], [parsed.size, parsed.key?("pem 0"), parsed.key?("pem 1")]
  ensure
    parsed.replace(before)
  end
end

class SchemaTest < Minitest::Test
  def test_the_schema_runs_twice_and_says_nothing_vendor_specific
    db = SQLite3::Database.new(":memory:")
    2.times { db.execute_batch(Fedigraft.schema) }
    words = %w[AUTOINCREMENT SERIAL JSONB PRAGMA BLOB DATETIME RETURNING] << "WITHOUT ROWID"
    assert_empty(words.select { |word| Fedigraft.schema.upcase.include?(word) })
  end

  def test_it_is_the_schema_of_all_bindings
    assert_equal File.read(File.join(ROOT, "bindings", "schema.sql")), Fedigraft.schema
  end
end
