# frozen_string_literal: true

# What the tests share: the native library of this checkout, temporary folders, small servers on loopback.
ROOT = File.expand_path("../../..", __dir__)
GEM = File.join(ROOT, "bindings", "ruby")

unless ENV["FEDIGRAFT_LIBRARY"] || File.exist?(File.join(GEM, "lib", "fedigraft", "libfedigraft.so"))
  ENV["FEDIGRAFT_LIBRARY"] = File.join(ROOT, "build", "lib", "libfedigraft.so")
end
$LOAD_PATH.unshift(File.join(GEM, "lib"), __dir__)

require "fedigraft"
require "fileutils"
require "minitest/autorun"
require "open3"
require "sqlite3"
require "stringio"
require "timeout"
require "tmpdir"
require_relative "support/peer"
require_relative "support/served"
require_relative "support/village"

# A test with a folder of its own, whose servers end with it.
class FedigraftTest < Minitest::Test
  def setup
    @folder = Dir.mktmpdir("fedigraft")
    @ending = []
    @log = StringIO.new
    Fedigraft.logger = Logger.new(@log)
  end

  def teardown
    @ending.reverse_each(&:close)
    FileUtils.rm_rf(@folder)
  end

  # Closed at the end of the test.
  def closing(thing)
    @ending << thing
    thing
  end

  def village(name, **options)
    folder = File.join(@folder, options.delete(:folder) || ".")
    FileUtils.mkdir_p(folder)
    Village.new(folder, name, options.delete(:port) || free_port, **options)
  end

  # A village behind a real server.
  def served(name, **options)
    village(name, **options).tap { |one| closing(Served.new(one)) }
  end

  def free_port
    TCPServer.open("127.0.0.1", 0) { |server| server.addr[1] }
  end

  # A server on loopback: bytes to answer, or a block that plays a connection.
  def peer(answer = nil, &play)
    closing(Peer.new(&(play || ->(connection) { connection.write(answer) })))
  end

  # A certificate for +peer.test+ that signs itself, and its key.
  def certificates
    certificate = File.join(@folder, "cert.pem")
    key = File.join(@folder, "key.pem")
    command = %W[openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=peer.test -addext subjectAltName=DNS:peer.test
                 -keyout #{key} -out #{certificate}]
    assert system(*command, err: File::NULL)
    [certificate, key]
  end

  # The error a block raises, of a class.
  def refused(kind = Fedigraft::Error, &block)
    assert_raises(kind, &block)
  end

  # Waits until the block gives something.
  def eventually(seconds = 10)
    limit = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
    until (found = yield)
      flunk "it did not happen within #{seconds} s" if Process.clock_gettime(Process::CLOCK_MONOTONIC) > limit
      sleep 0.02
    end
    found
  end

  # Runs every worker until nothing is due anywhere.
  def settle(*villages)
    nil while villages.sum { |one| one.fed.drain }.positive?
  end

  # Bob follows Ann.
  def befriend(ann, bob)
    bob.fed.follow("1", ann.actor)
    settle(ann, bob)
  end

  # The exit status of a block in a forked child.
  def in_child
    child = fork do
      status = yield ? 0 : 1
      exit!(status)
    rescue Exception => e # rubocop:disable Lint/RescueException
      warn e.full_message
      exit!(2)
    end
    Process.wait2(child).last
  end
end
