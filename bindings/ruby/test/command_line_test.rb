# frozen_string_literal: true

# The command +fedigraft+: explain a captured request, run a worker as a process.
require_relative "helper"
require "fedigraft/command_line"
require_relative "support/puma_process"

class CommandLineTest < FedigraftTest
  BODY = '{"type":"Follow"}'
  HOSTED = File.join(__dir__, "support", "hosted")

  def setup
    super
    @out = StringIO.new
    @errors = StringIO.new
  end

  def main(*arguments, input: StringIO.new)
    @out.truncate(0)
    @errors.truncate(0)
    Fedigraft::CommandLine.new(out: @out, error: @errors, input: input).run(arguments)
  end

  def capture(body = BODY)
    key = Fedigraft::PrivateKey.generate
    headers = Fedigraft.sign(key, "https://me.example/u#main-key", "POST", "https://you.example/inbox", body: BODY)
    lines = headers.map { |name, value| "#{name}: #{value}\r\n" }.join
    request = File.join(@folder, "request.txt")
    File.binwrite(request, "POST /inbox HTTP/1.1\r\n#{lines}\r\n#{body}")
    pem = File.join(@folder, "key.pem")
    File.write(pem, key.public_pem)
    [request, pem]
  end

  def test_explain_says_yes_and_why_not
    request, pem = capture
    assert_equal 0, main("explain", request, "--key", pem)
    assert_includes @out.string, "accepted"
    assert_equal 0, main("explain", "-", "--key", pem, input: File.open(request, "rb"))
    request, pem = capture("{}")
    assert_equal 1, main("explain", request, "--key", pem)
    assert_includes @out.string, "FAIL"
    assert_includes @out.string, "signature base:"
    assert_equal 1, main("explain", request)
    assert_includes @out.string, "https://me.example/u#main-key"
  end

  def test_explain_at_another_time_and_place
    request, pem = capture
    assert_equal 1, main("explain", request, "--key", pem, "--now", "1000000000")
    assert_equal 1, main("explain", request, "--key", pem, "--origin", "https://other.example")
  end

  def test_wrong_use_is_told
    assert_equal 2, main("explain", File.join(@folder, "none"))
    assert_includes @errors.string, "none"
    empty = File.join(@folder, "empty")
    File.write(empty, "")
    assert_equal 2, main("explain", empty)
    assert_includes @errors.string, "request line"
    [["nonsense"], [], ["explain"], %w[explain a b], ["work"], %w[explain a --nonsense], %w[work Nowhere::FED],
     %w[work -r ./nowhere FED], %w[work String]].each do |arguments|
      assert_equal 2, main(*arguments), arguments.inspect
      refute_empty @errors.string
    end
    assert_equal 0, main("--help")
    assert_equal 0, main("--version")
    assert_includes @out.string, Fedigraft::VERSION
  end

  def command(village, *arguments)
    environment = {
      "VILLAGE_FOLDER" => File.dirname(village.path), "VILLAGE_PORT" => village.port.to_s, "RUBYLIB" => "#{GEM}/lib"
    }
    [environment, RbConfig.ruby, "#{GEM}/exe/fedigraft", *arguments]
  end

  # Two worker processes share one queue of 40 deliveries; each arrives once; SIGTERM ends them.
  def test_workers_are_processes_and_stop_when_asked
    ann = served("ann")
    bob = served("bob")
    befriend(ann, bob)
    40.times { |number| ann.write("Number #{number}") }
    log = "#{@folder}/worker.log"
    workers = Array.new(2) { Process.spawn(*command(ann, "work", "-r", HOSTED, "FED"), err: [log, "a"]) }
    # A supervisor reads that they work, and that SIGTERM is heard from now on.
    eventually(40) { File.read(log).scan(/INFO -- fedigraft: working, 2 threads$/).size == 2 }
    eventually(40) { bob.told.size == 41 }
    workers.each { |worker| Process.kill("TERM", worker) }
    statuses = workers.map { |worker| Timeout.timeout(20) { Process.wait2(worker).last } }
    assert statuses.all?(&:success?), File.read(log)
    assert_equal ["follow_accepted", *["post_created"] * 40], bob.told
    assert_equal 0, ann.count("fedigraft_deliveries")
  end

  # A worker that is killed leaves its rows to the next one.
  def test_sigkill_of_a_worker_loses_nothing
    ann = served("ann")
    bob = served("bob")
    befriend(ann, bob)
    10.times { |number| ann.write("Number #{number}") }
    worker = Process.spawn(*command(ann, "work", "-r", HOSTED, "FED"), err: "#{@folder}/worker.log")
    eventually(30) { bob.told.size > 2 }
    Process.kill("KILL", worker)
    Process.wait(worker)
    ann.hours = bob.hours = 1
    settle(ann, bob)
    assert_equal ["follow_accepted", *["post_created"] * 10], bob.told
    assert_equal 0, ann.count("fedigraft_deliveries")
  end

  def test_once_ends_by_itself
    ann = village("ann")
    out, errors, status = Open3.capture3(*command(ann, "work", "--once", "-r", HOSTED, "FED"))
    assert_equal ["0 runs\n", true], [out, status.success?], errors
    out, errors, status = Open3.capture3(*command(ann, "work", "--once", "-r", HOSTED, "HOSTED.fed"))
    assert_equal ["0 runs\n", true], [out, status.success?], errors
  end
end
