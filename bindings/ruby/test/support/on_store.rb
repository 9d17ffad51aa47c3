# frozen_string_literal: true

# Tests of the store: what all of them say, and the databases they run on, real SQLite files and a real PostgreSQL.
module OnStore
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

  def actor(uri, inbox:, shared: nil, handle: nil)
    value = { "v" => 1, "id" => uri, "inbox" => inbox, "shared_inbox" => shared, "handle" => handle }
    entry("put", "remote_actor", uri, value)
  end

  def follow(follower, followee, state = "accepted")
    entry("put", "follow", "#{follower} #{followee}", { "v" => 1, "state" => state, "activity" => "x", "at" => 1 })
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

  def another
    Fedigraft::Database.new(-> { connect })
  end

  # A SQLite file.
  module SQLite
    include OnStore

    def setup
      super
      @path = File.join(@folder, "store.db")
      @database = Fedigraft::Database.new(@path)
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

  # A schema of the server that FEDIGRAFT_TEST_POSTGRES names.
  module PostgreSQL
    include OnStore

    ADDRESS = ENV.fetch("FEDIGRAFT_TEST_POSTGRES", "")

    def setup
      super
      skip "FEDIGRAFT_TEST_POSTGRES names no database" if ADDRESS.empty?
      require "pg"
      run_on(closing(connect), "DROP SCHEMA IF EXISTS store CASCADE; CREATE SCHEMA store")
      @database = Fedigraft::Database.new(-> { connect })
    end

    private

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
end
