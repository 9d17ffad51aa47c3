# frozen_string_literal: true

# What the store keeps beyond what its vectors tell (store_vectors_test.rb): keys, purging, the schema.
require_relative "helper"
require_relative "support/on_store"

# The same tests for each database.
module StoreTests
  NOW = OnStore::NOW

  def test_a_text_comes_back_as_it_went
    value = { "text" => "\0 é \u2028 ? $1" }
    put(entry("put", "activity", "k", value))
    assert_equal value, get("activity", "k")
  end

  def test_an_unknown_operation_is_refused
    assert_raises(Fedigraft::Internal) { put(entry("replace", "tombstone", "k", {})) }
  end

  def test_what_has_expired_is_purged
    put(entry("put", "remote_key", "k", { "n" => 1 }, expires: NOW + 10), entry("put", "remote_key", "l", { "n" => 2 }))
    @database.transaction do |session|
      Fedigraft::Store.enter_once(session, ["long ago"], NOW - (181 * 86_400))
      Fedigraft::Store.purge(session, NOW + 10)
      assert_equal [["l"]], session.rows("SELECT key FROM fedigraft_documents")
    end
    assert_nil get("once", "long ago")
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
end

class SQLiteStoreTest < FedigraftTest
  include OnStore::SQLite
  include StoreTests

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
end

class PostgreSQLStoreTest < FedigraftTest
  include OnStore::PostgreSQL
  include StoreTests
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
    assert_equal File.read(File.join(ROOT, "bindings", "schema.sql"), encoding: "UTF-8"), Fedigraft.schema
  end
end
