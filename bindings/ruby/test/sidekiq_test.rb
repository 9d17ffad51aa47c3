# frozen_string_literal: true

# Sidekiq runs what is committed: through its own job queue in memory, and as a process of its own with a Redis.
require_relative "helper"
require "sidekiq/testing"
require "fedigraft/sidekiq"

class SidekiqTest < FedigraftTest
  Jobs = Fedigraft::Sidekiq

  def setup
    super
    Sidekiq::Testing.fake!
    Sidekiq::Worker.clear_all
    @ann = served("ann")
    @bob = served("bob")
    Jobs.attach(@bob.fed)
  end

  # As Sidekiq would, but for the time.
  def run_all
    runs = 0
    while (job = Jobs::DeliveryJob.jobs.shift)
      Jobs::DeliveryJob.new.perform(*job["args"])
      runs += 1
    end
    runs
  end

  def test_what_is_committed_is_handed_over_and_run
    @bob.fed.follow("1", @ann.actor)
    assert_equal [["deliveries"]], [Jobs::DeliveryJob.jobs.map { |job| job["args"].first }]
    assert_equal 1, run_all
    assert_equal ["followed"], @ann.told
    assert_equal 0, @bob.count("fedigraft_deliveries")
  end

  def test_a_whole_publish_goes_through_jobs_and_deliveries
    @ann.fed.follow("1", @bob.actor)
    settle(@ann, @bob)
    @bob.write("Hello")
    assert_equal 1, @bob.count("fedigraft_jobs")
    run_all # what the Follow's Accept left behind finds nothing to do
    assert_equal ["follow_accepted"], @ann.told
    # A transaction of the host's is found by the sweep.
    assert_equal 1, Jobs::SweepJob.new.perform
    assert_operator run_all, :>=, 2
    assert_equal %w[follow_accepted post_created], @ann.told
  end

  def test_run_twice_is_run_once
    @bob.fed.follow("1", @ann.actor)
    row = Jobs::DeliveryJob.jobs.first["args"]
    assert_equal [true, false], Array.new(2) { Jobs::DeliveryJob.new.perform(*row) }
    assert_equal ["followed"], @ann.told
  end

  # A server that is away: the row says when to try again, and Sidekiq is told.
  def test_what_fails_comes_again_when_the_row_says
    @bob.fed.look_up(@ann.handle)
    @ann.fail = "followed"
    @bob.fed.follow("1", @ann.actor)
    run_all_once
    again = Jobs::DeliveryJob.jobs
    assert_equal 1, again.size
    assert_operator again.first["at"], :>, Time.now.to_f
    @ann.fail = nil
    @ann.hours = @bob.hours = 1
    run_all
    assert_equal ["followed"], @ann.told
  end

  def run_all_once
    Jobs::DeliveryJob.jobs.dup.each do |job|
      Jobs::DeliveryJob.jobs.delete(job)
      Jobs::DeliveryJob.new.perform(*job["args"])
    end
  end

  def test_an_exception_of_the_host_keeps_the_row
    @ann.fed.follow("1", @bob.actor)
    settle(@ann, @bob)
    @bob.write("Hello")
    @bob.fail = "profile"
    Jobs::SweepJob.new.perform
    run_all
    assert_equal 1, @bob.count("fedigraft_jobs")
    @bob.fail = nil
    @ann.hours = @bob.hours = 1
    settle(@bob)
    assert_equal %w[follow_accepted post_created], @ann.told
  end
end

# A real Redis, a real Sidekiq process: what is published here is delivered there.
class SidekiqProcessTest < FedigraftTest
  REDIS = ENV.fetch("PATH").split(":").map { |folder| File.join(folder, "redis-server") }.find { |file| File.executable?(file) }

  # Ended at the end of the test.
  Running = Struct.new(:pid) do
    def close
      Process.kill("TERM", pid)
      Process.wait(pid)
    end
  end

  def setup
    super
    skip "redis-server is not installed" unless REDIS
    port = free_port
    started(REDIS, "--port", port.to_s, "--bind", "127.0.0.1", "--save", "", "--dir", @folder)
    eventually { TCPSocket.new("127.0.0.1", port).close || true rescue false } # rubocop:disable Style/RescueModifier
    @redis = "redis://127.0.0.1:#{port}/0"
    Sidekiq.redis = { url: @redis }
    Sidekiq::Testing.disable!
  end

  def teardown
    Sidekiq::Testing.fake!
    super
  end

  def started(*command)
    closing(Running.new(Process.spawn(*command, out: "#{@folder}/log", err: %i[child out])))
  end

  def test_what_is_published_is_delivered_by_sidekiq
    ann = served("ann")
    bob = served("bob")
    befriend(ann, bob)
    Fedigraft::Sidekiq.attach(ann.fed)
    environment = {
      "REDIS_URL" => @redis, "VILLAGE_FOLDER" => @folder, "VILLAGE_PORT" => ann.port.to_s, "RUBYLIB" => "#{GEM}/lib"
    }
    sidekiq = Gem.bin_path("sidekiq", "sidekiq")
    started(environment, RbConfig.ruby, sidekiq, "-r", "#{__dir__}/support/sidekiq_hosted.rb", "-q", "fedigraft", "-c", "2")
    10.times { |number| ann.write("Number #{number}") }
    Fedigraft::Sidekiq::SweepJob.perform_async
    eventually(40) { bob.told.size == 11 }
    assert_equal ["follow_accepted", *["post_created"] * 10], bob.told
    eventually { ann.count("fedigraft_deliveries").zero? }
  end
end
