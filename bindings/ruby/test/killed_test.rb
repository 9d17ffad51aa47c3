# frozen_string_literal: true

# SIGKILL at every point of a Follow, a publish with its fan-out, and a send; then a restart. On SQLite and, when
# there is one, on PostgreSQL.
#
# Each run happens in a forked child that kills itself at the n-th point: after each step of an exchange, right before
# and right after each commit. The hooks are put into the child by this test; the gem knows nothing of them. After
# every kill a fresh host opens the same database and goes on: nothing is lost or done twice.
require_relative "helper"

# The same tests for each database.
module KilledTests
  # Counts down in the child.
  module Points
    class << self
      attr_accessor :left

      def pass
        return unless left

        self.left -= 1
        Process.kill("KILL", Process.pid) if left.zero?
      end
    end

    module Exchange
      def step
        super.tap { Points.pass }
      end
    end

    module Session
      def commit
        Points.pass
        super.tap { Points.pass }
      end
    end
  end

  Fedigraft::Exchange.prepend(Points::Exchange)
  [Fedigraft::Database::Session::OfSQLite, Fedigraft::Database::Session::OfPostgreSQL].each do |kind|
    kind.prepend(Points::Session)
  end

  # Runs it in a child that dies at the n-th point; false when there is no such point any more.
  def killed_at(point)
    status = in_child do
      Points.left = point
      yield
      true
    end
    assert(status.success? || status.termsig == Signal.list["KILL"], status.inspect)
    !status.success?
  end

  # How many points there are; each has been tried.
  def points
    number = 1
    number += 1 while yield(number) && number < 200
    number - 1
  end

  # The worker, without its deliveries: their inboxes are nowhere.
  def run_jobs(village)
    worker = village.fed.worker
    nil while worker.send(:run_from, "jobs")
  end

  def followers(village, count)
    entries = (0...count).flat_map do |number|
      uri = "https://peer#{number}.example/u"
      actor = { "v" => 1, "id" => uri, "inbox" => format("https://peer%03d.example/inbox", number), "shared_inbox" => nil }
      follow = { "v" => 1, "state" => "accepted", "activity" => "x", "at" => 1 }
      [{ "op" => "put", "name" => "remote_actor", "key" => uri, "value" => actor },
       { "op" => "put", "name" => "follow", "key" => "#{uri} #{village.actor}", "value" => follow }]
    end
    village.database.transaction { |session| Fedigraft::Store.apply(session, entries, 0) }
  end

  def test_a_follow_received
    bob = fresh("bob", folder: "bob")
    closing(Served.new(bob))
    key = Fedigraft::PrivateKey.from_pem(bob.pem)
    port = free_port
    found = points do |point|
      ann = fresh("ann", folder: point.to_s, port: port)
      body = JSON.generate({
        "@context": "https://www.w3.org/ns/activitystreams", id: "#{bob.origin}/ap/activities/f#{point}", type: "Follow",
        actor: bob.actor, object: ann.actor
      })
      headers = Fedigraft.sign(key, "#{bob.actor}#main-key", "POST", "#{ann.origin}/ap/inbox", body: body)
      request = Fedigraft::Request.new("POST", "/ap/inbox", headers: headers, body: body)
      killed = killed_at(point) { raise unless ann.fed.inbound.answer(request).status == 202 }
      again = restarted(ann)
      assert_equal 202, again.fed.inbound.answer(request).status
      assert_equal ["followed"], again.told
      assert_equal [["accepted"]], again.rows("SELECT state FROM fedigraft_follows")
      assert_equal 1, again.count("fedigraft_deliveries")
      killed
    end
    assert_operator found, :>=, 6
  end

  def test_a_publish_and_its_fan_out_to_201_inboxes
    port = free_port
    found = points do |point|
      ann = fresh("ann", folder: point.to_s, port: port)
      followers(ann, 201)
      killed = killed_at(point) do
        ann.write("To everybody")
        run_jobs(ann)
      end
      again = restarted(ann)
      written = again.count("posts")
      again.hours = 1 # leases of the dead have run out
      run_jobs(again)
      # The post and its publication are one transaction: either both are there or neither.
      assert_equal 201 * written, again.count("fedigraft_deliveries")
      assert_equal 0, again.count("fedigraft_jobs")
      assert(written == 1 || point <= 3)
      killed
    end
    assert_operator found, :>=, 18
  end

  def test_a_send
    bob = fresh("bob", folder: "bob")
    closing(Served.new(bob))
    ann = fresh("ann", folder: "ann")
    closing(Served.new(ann))
    befriend(ann, bob)
    assert_equal ["follow_accepted"], bob.told
    found = points do |point|
      before = bob.told.size
      ann.write("Number #{point}")
      run_jobs(ann)
      assert_equal 1, ann.count("fedigraft_deliveries")
      killed = killed_at(point) { ann.fed.drain }
      again = restarted(ann)
      again.hours = bob.hours = killed ? 1 : 0
      again.fed.drain
      assert_equal 0, again.count("fedigraft_deliveries")
      assert_equal ["post_created"], bob.told[before..]
      ann.hours = bob.hours = 0
      killed
    end
    assert_operator found, :>=, 6
  end
end

class KilledOnSQLiteTest < FedigraftTest
  include KilledTests

  private

  def fresh(name, **options)
    village(name, **options)
  end

  def restarted(ann)
    Village.new(File.dirname(ann.path), ann.name, ann.port)
  end
end

class KilledOnPostgreSQLTest < FedigraftTest
  include KilledTests

  ADDRESS = ENV.fetch("FEDIGRAFT_TEST_POSTGRES", "")

  def setup
    super
    skip "FEDIGRAFT_TEST_POSTGRES names no database" if ADDRESS.empty?
    require "pg"
  end

  private

  # Each host has a schema of its own, emptied.
  def fresh(name, **options)
    db = PG.connect(ADDRESS)
    db.set_notice_receiver { |_| nil }
    db.exec("DROP SCHEMA IF EXISTS #{name} CASCADE")
    db.close
    village(name, postgres: ADDRESS, **options)
  end

  def restarted(ann)
    Village.new(File.dirname(ann.path), ann.name, ann.port, postgres: ADDRESS)
  end
end
