# frozen_string_literal: true

# Two hosts on PostgreSQL federate; several workers share a queue there, threads and processes.
require_relative "helper"

class PostgreSQLTest < FedigraftTest
  ADDRESS = ENV.fetch("FEDIGRAFT_TEST_POSTGRES", "")
  HOSTED = File.join(__dir__, "support", "hosted")

  def setup
    super
    skip "FEDIGRAFT_TEST_POSTGRES names no database" if ADDRESS.empty?
    require "pg"
    db = PG.connect(ADDRESS)
    db.set_notice_receiver { |_| nil }
    db.exec("DROP SCHEMA IF EXISTS ann CASCADE; DROP SCHEMA IF EXISTS bob CASCADE")
    db.close
    @ann = served("ann", postgres: ADDRESS)
    @bob = served("bob", postgres: ADDRESS)
  end

  def test_a_follow_a_post_and_a_reply
    befriend(@ann, @bob)
    assert_equal [["followed"], ["follow_accepted"]], [@ann.told, @bob.told]
    post = @ann.write("Hello")
    settle(@ann, @bob)
    @bob.write("Hi", reply_to: @ann.fed.instance.uri("post", post.id))
    settle(@ann, @bob)
    assert_equal %w[followed post_created], @ann.told
    assert_includes @ann.detail("post_created"), "reply_to=\"#{post.id}\""
  end

  def test_a_rollback_leaves_no_trace
    befriend(@ann, @bob)
    db = closing(@ann.connect)
    db.exec("BEGIN")
    @ann.fed.publish(@ann.insert(db, "Never mind"), connection: db)
    assert_equal PG::PQTRANS_INTRANS, db.transaction_status
    db.exec("ROLLBACK")
    assert_equal 0, @ann.count("fedigraft_jobs")
    error = refused(Fedigraft::InvalidArgument) { @ann.fed.publish("1", connection: db) }
    assert_equal "no_transaction", error.reason
  end

  # The host's handler fails after the store was written: no follower, no Accept, and the sender comes again.
  def test_a_handler_that_fails_takes_everything_back
    @bob.fed.look_up(@ann.handle)
    @ann.fail = "followed"
    @bob.fed.follow("1", @ann.actor)
    @bob.fed.drain
    assert_equal([0] * 3, %w[fedigraft_follows fedigraft_once fedigraft_deliveries].map { |table| @ann.count(table) })
    @ann.fail = nil
    @ann.hours = @bob.hours = 1
    settle(@ann, @bob)
    assert_equal [["followed"], ["follow_accepted"]], [@ann.told, @bob.told]
  end

  def test_workers_in_threads_and_processes_share_a_queue
    befriend(@ann, @bob)
    40.times { |number| @ann.write("Number #{number}") }
    environment = {
      "VILLAGE_FOLDER" => @folder, "VILLAGE_PORT" => @ann.port.to_s, "VILLAGE_POSTGRES" => ADDRESS, "RUBYLIB" => "#{GEM}/lib"
    }
    command = [environment, RbConfig.ruby, "#{GEM}/exe/fedigraft", "work", "--threads", "3", "-r", HOSTED, "FED"]
    workers = Array.new(3) { Process.spawn(*command, err: "#{@folder}/worker.log") }
    eventually(40) { @bob.told.size == 41 }
    workers.each { |worker| Process.kill("TERM", worker) }
    statuses = workers.map { |worker| Timeout.timeout(20) { Process.wait2(worker).last } }
    assert statuses.all?(&:success?), File.read("#{@folder}/worker.log")
    assert_equal ["follow_accepted", *["post_created"] * 40], @bob.told
    assert_equal 0, @ann.count("fedigraft_deliveries")
  end

  def test_the_same_delivery_through_ten_threads_has_one_effect
    body = JSON.generate({
      "@context": "https://www.w3.org/ns/activitystreams", id: "#{@bob.origin}/ap/activities/f1", type: "Follow",
      actor: @bob.actor, object: @ann.actor
    })
    key = Fedigraft::PrivateKey.from_pem(@bob.pem)
    headers = Fedigraft.sign(key, "#{@bob.actor}#main-key", "POST", "#{@ann.origin}/ap/inbox", body: body)
    request = Fedigraft::Request.new("POST", "/ap/inbox", headers: headers, body: body)
    @ann.fed.look_up(@bob.actor)
    statuses = Array.new(10) { Thread.new { @ann.fed.inbound.answer(request).status } }.map(&:value)
    assert_equal [202], statuses.uniq
    assert_equal ["followed"], @ann.told
    assert_equal 1, @ann.count("fedigraft_deliveries")
  end
end
