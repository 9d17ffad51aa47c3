# frozen_string_literal: true

# The store vectors of all languages, on SQLite and on PostgreSQL.
require_relative "helper"
require_relative "support/on_store"
require_relative "support/vectors"

# The same cases for each database.
module StoreVectors
  FOLDER = File.join(Vectors::FOLDER, "store")
  ITEMS = { "commit" => %w[now repeated], "load" => %w[now values], "list" => %w[now items total], "sql" => %w[rows] }.freeze
  OPTIONAL = %w[repeated total].freeze
  WANTED = %w[name key cursor].freeze
  DONE = %w[events store jobs deliveries once].freeze

  module_function

  def cases
    found = Dir.children(FOLDER).grep(/\.json\z/).sort.flat_map do |file|
      document = JSON.parse(File.read(File.join(FOLDER, file), encoding: "UTF-8"))
      Vectors.known(document.keys, %w[source cases], file)
      document["cases"].each { |one| check(one) }
    end
    raise Vectors::Misspelt, "two cases of one name" unless found.map { |one| one["name"] }.uniq.size == found.size

    found
  end

  def check(one)
    Vectors.known(one.keys, %w[name note do], one["name"])
    one["do"].each do |item|
      kind, = item.keys & ITEMS.keys
      raise Vectors::Misspelt, "#{one["name"]}: #{item.keys}" unless kind && (ITEMS[kind] - OPTIONAL - item.keys).empty?

      Vectors.known(item.keys, [kind, *ITEMS[kind]], one["name"])
      case kind
      when "commit" then Vectors.known(item["commit"].keys, DONE, one["name"])
      when "load" then item["load"].each { |wanted| Vectors.known(wanted.keys, WANTED, one["name"]) }
      when "list" then Vectors.known(item["list"].keys, WANTED - ["cursor"], one["name"])
      end
    end
  end

  # Plays the cases on +@database+.
  module Runner
    StoreVectors.cases.each { |one| define_method("test_#{one["name"]}") { play(one) } }

    def test_a_wrong_expectation_is_noticed
      one = JSON.parse(JSON.generate(StoreVectors.cases.first))
      one["do"].find { |item| item["values"]&.first }["values"].first["value"]["more"] = 1
      assert_raises(Vectors::Mismatch) { play(one) }
    end

    def test_a_wrong_total_and_a_wrong_repeated_are_noticed
      list = { "list" => { "name" => "followers", "key" => "k" }, "now" => 1, "items" => [] }
      commit = { "commit" => { "once" => ["k"] }, "now" => 1 }
      play("do" => [list.merge("total" => 0), commit, commit.merge("repeated" => true)])
      assert_raises(Vectors::Mismatch) { play("do" => [list.merge("total" => 1)]) }
      assert_raises(Vectors::Mismatch) { play("do" => [commit]) }
      assert_raises(Vectors::Mismatch) { play("do" => [{ "sql" => "SELECT done_at FROM fedigraft_once", "rows" => [[2]] }]) }
    end

    private

    def play(one)
      one["do"].each do |item|
        kind = (item.keys & StoreVectors::ITEMS.keys).first
        case kind
        when "commit" then commit(item)
        when "list" then list(item)
        when "load" then Vectors.same(item["values"], item["load"].map { |wanted| value(wanted, item["now"]) })
        when "sql" then Vectors.same(item["rows"], @database.session { |session| session.rows(item["sql"]) })
        end
      end
      pass
    end

    def commit(item)
      empty = StoreVectors::DONE.to_h { |name| [name.to_sym, []] }
      given = item["commit"].transform_keys(&:to_sym)
      done = Fedigraft::Done.new(number: 1, document: item["commit"], **empty, **given)
      applied = @database.transaction { |session| Fedigraft::Commit.apply(session, done, {}, item["now"]) }
      Vectors.same(!item["repeated"], applied)
    end

    def value(wanted, now)
      found = loaded(wanted, now)
      found.nil? ? nil : { "value" => found }
    end

    def loaded(wanted, now)
      wanted = Fedigraft::Wanted.new(wanted["name"], wanted["key"], wanted["cursor"])
      @database.session { |session| Fedigraft::Store.load(session, wanted, now) }
    end

    def list(item)
      page = loaded(item["list"], item["now"])
      Vectors.same(item["total"], page["total"]) if item.key?("total")
      items = page["items"]
      while (cursor = page["next"])
        page = loaded(item["list"].merge("cursor" => cursor), item["now"])
        items += page["items"]
      end
      Vectors.same(item["items"], items)
    end
  end
end

class StoreVectorsFormatTest < Minitest::Test
  def test_all_cases_are_there
    assert_operator StoreVectors.cases.size, :>=, 20
    [SQLiteStoreVectorsTest, PostgreSQLStoreVectorsTest].each do |runner|
      played = runner.runnable_methods.grep(/\Atest_store-/).size
      assert_equal StoreVectors.cases.size, played
    end
  end

  def test_what_the_format_does_not_know_is_refused
    load = { "load" => [{ "name" => "once", "key" => "k" }], "now" => 1, "values" => [nil] }
    assert StoreVectors.check("name" => "x", "do" => [load])
    wrong = [
      load.merge("value" => 1), load.merge("list" => {}), load.except("values"), { "query" => "SELECT 1", "rows" => [] },
      load.merge("load" => [{ "name" => "once", "key" => "k", "page" => 1 }]), { "commit" => { "event" => [] }, "now" => 1 },
      { "list" => { "name" => "followers", "key" => "k", "page" => 1 }, "now" => 1, "items" => [] }
    ]
    wrong.each { |item| assert_raises(Vectors::Misspelt) { StoreVectors.check("name" => "x", "do" => [item]) } }
    assert_raises(Vectors::Misspelt) { StoreVectors.check("name" => "x", "call" => "y", "do" => [load]) }
  end
end

class SQLiteStoreVectorsTest < FedigraftTest
  include OnStore::SQLite
  include StoreVectors::Runner
end

class PostgreSQLStoreVectorsTest < FedigraftTest
  include OnStore::PostgreSQL
  include StoreVectors::Runner
end
