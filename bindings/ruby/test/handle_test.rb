# frozen_string_literal: true

# Handles: closed twice, used after closing, closed under a call, let go, used by many threads, forked.
require_relative "helper"
require "yaml"
require "open3"

class HandleTest < FedigraftTest
  KEY = Fedigraft::PrivateKey.generate
  PEM = KEY.to_pem

  # A handle whose freeing can be watched.
  class Counted < Fedigraft::Handle
    Pointer = Struct.new(:freed) do
      def free
        self.freed += 1
      end
    end

    def initialize
      @seen = Pointer.new(0)
      own(@seen)
    end

    def freed
      @seen.freed
    end
  end

  def test_closing_twice_frees_once
    handle = Counted.new
    handle.close
    assert_equal 1, handle.freed
    handle.close
    handle.with { nil }
    assert_equal 1, handle.freed
  end

  def test_use_after_close_raises
    key = Fedigraft::PrivateKey.from_pem(PEM)
    key.close
    key.close
    assert key.closed?
    error = assert_raises(Fedigraft::InvalidArgument) { key.sign("x") }
    assert_equal %w[closed PrivateKey], [error.reason, error.place]
    assert_raises(Fedigraft::InvalidArgument) { key.to_pem }
  end

  def test_every_kind_of_handle_refuses_after_close
    instance = Fedigraft::Instance.open("https://a.example")
    public_key = KEY.public_key
    exchange = exchange_of(Fedigraft::Instance.new("https://a.example", loads: LOADS))
    [instance, public_key, exchange].each(&:close)
    assert_raises(Fedigraft::InvalidArgument) { instance.uri("actor", "1") }
    assert_raises(Fedigraft::InvalidArgument) { public_key.to_pem }
    assert_raises(Fedigraft::InvalidArgument) { exchange.step }
    Fedigraft::Instance.open("https://a.example") do |open|
      request = Fedigraft::Request.new("GET", "/")
      assert_raises(Fedigraft::InvalidArgument) { Fedigraft.verify(open, request, public_key) }
    end
  end

  LOADS = (Fedigraft::Host.new.names + %w[profile post posts]).freeze
  GET = Fedigraft::Request.new("GET", "/ap/users/1")
  NOW = 1_790_000_000

  {
    uri: %w[actor 1], content_to_html: ["a"], render_nodeinfo: [], route: [GET], receive: [NOW, GET],
    perform: [NOW, { type: "publish" }], look_up: [NOW, "@a@b.example"], resume: [NOW, {}], send_delivery: [NOW, {}],
    render_webfinger: [Fedigraft::Profile.new(id: 1, username: "a")]
  }.each do |use, arguments|
    define_method("test_a_closed_instance_is_refused_by_#{use}") do
      instance = Fedigraft::Instance.new("https://a.example", loads: LOADS)
      instance.close
      assert_equal "closed", assert_raises(Fedigraft::InvalidArgument) { instance.public_send(use, *arguments) }.reason
    end
  end

  { step: [], answer_load: [1, NOW, []], answer_sign: [1, NOW, "x"], answer_failed: [1, NOW, "x", true] }.each do |use, arguments|
    define_method("test_a_closed_exchange_is_refused_by_#{use}") do
      exchange = exchange_of(Fedigraft::Instance.new("https://a.example", loads: LOADS))
      exchange.close
      assert_equal "closed", assert_raises(Fedigraft::InvalidArgument) { exchange.public_send(use, *arguments) }.reason
    end
  end

  # An instance, and the exchanges begun with it, closed by one thread while ten are inside.
  def test_an_instance_and_its_exchanges_closed_while_ten_threads_use_them
    10.times do
      instance = Fedigraft::Instance.new("https://a.example", loads: LOADS)
      exchange = exchange_of(instance)
      threads = Array.new(10) { Thread.new { Array.new(50) { used(instance, exchange) } } }
      sleep 0.003
      exchange.close
      instance.close
      assert_empty threads.flat_map(&:value).uniq - [Fedigraft::Load, "closed", "in_use"]
    end
  end

  def used(instance, exchange)
    instance.uri("actor", "1")
    exchange_of(instance).close
    exchange.step.class
  rescue Fedigraft::InvalidArgument, Fedigraft::Busy => e
    e.reason
  end

  def test_a_block_closes
    kept = nil
    size = Fedigraft::PrivateKey.from_pem(PEM) do |key|
      kept = key
      key.sign("x").bytesize
    end
    assert_equal 256, size
    assert kept.closed?
    assert_raises(ZeroDivisionError) { Fedigraft::PrivateKey.from_pem(PEM) { |key| (kept = key) && (1 / 0) } }
    assert kept.closed?
  end

  def test_closing_during_a_call_frees_after_it
    handle = Counted.new
    entered = Queue.new
    leave = Queue.new
    thread = Thread.new do
      handle.pinned do
        entered << true
        leave.pop
      end
    end
    entered.pop
    handle.close
    assert_equal 0, handle.freed
    assert_raises(Fedigraft::InvalidArgument) { handle.pinned { flunk } }
    leave << true
    thread.join
    assert_equal 1, handle.freed
  end

  # Every call either finishes or raises; none touches freed memory.
  def test_a_real_key_closed_while_ten_threads_sign
    20.times do
      key = Fedigraft::PrivateKey.from_pem(PEM)
      outcomes = Queue.new
      threads = Array.new(10) do
        Thread.new do
          10.times { outcomes << key.sign("message").bytesize }
        rescue Fedigraft::InvalidArgument => e
          outcomes << e.reason
        end
      end
      sleep 0.005
      key.close
      threads.each(&:join)
      assert_empty Array.new(outcomes.size) { outcomes.pop }.uniq - [256, "closed"]
    end
  end

  # The only reference to a handle is the call that is in it; the collector comes again and again meanwhile.
  def test_a_finaliser_never_runs_during_a_call
    stop = false
    collector = Thread.new { GC.start(full_mark: true, immediate_sweep: true) until stop }
    signers = Array.new(4) do
      Thread.new { Array.new(25) { Fedigraft::PrivateKey.new(PEM).sign("same") } }
    end
    assert_equal 1, signers.flat_map(&:value).uniq.size
  ensure
    stop = true
    collector.join
  end

  # In a process of its own, so that what the collector leaves behind is told by the number of frees.
  def test_letting_go_frees
    program = <<~RUBY
      require "fedigraft"
      freed = 0
      Fedigraft::Native.singleton_class.prepend(Module.new { define_method(:fedigraft_key_free) { |p| freed += 1; super(p) } })
      pem = Fedigraft::PrivateKey.generate(&:to_pem)
      before = freed
      make = -> { 100.times { Fedigraft::PrivateKey.new(pem) }; nil }
      make.call
      3.times { GC.start }
      puts freed - before
    RUBY
    out, status = Open3.capture2e(RbConfig.ruby, "-I#{GEM}/lib", "-e", program)
    assert status.success?, out
    assert_operator out.to_i, :>=, 90
  end

  def test_ten_threads_share_one_key
    public_key = KEY.public_key
    signatures = Array.new(10) { Thread.new { KEY.sign("same") } }.map(&:value)
    assert_equal 1, signatures.uniq.size
    assert_equal KEY.public_pem, public_key.to_pem
  end

  def test_ten_threads_on_one_instance
    Fedigraft::Instance.open("https://a.example") do |instance|
      found = Array.new(10) do |thread|
        Thread.new { Array.new(200) { |n| instance.uri("post", "#{thread}-#{n}") } }
      end.flat_map(&:value)
      wanted = (0...10).flat_map { |thread| (0...200).map { |n| "https://a.example/ap/posts/#{thread}-#{n}" } }
      assert_equal wanted, found
    end
  end

  def test_a_forked_child_uses_and_frees_its_copy
    stop = false
    thread = Thread.new { KEY.public_pem until stop }
    20.times do
      status = in_child do
        fine = KEY.sign("x").bytesize == 256
        KEY.close
        GC.start
        fine
      end
      assert status.success?
    end
    assert_equal 256, KEY.sign("x").bytesize
  ensure
    stop = true
    thread.join
  end

  def test_a_private_key_is_neither_shown_nor_marshalled_nor_copied
    assert_equal "#<Fedigraft::PrivateKey>", KEY.inspect
    refute_includes KEY.to_s, "BEGIN"
    [KEY, KEY.public_key].each do |key|
      assert_raises(TypeError) { Marshal.dump(key) }
      assert_raises(TypeError) { YAML.dump(key) }
      assert_raises(TypeError) { key.dup }
      assert_raises(TypeError) { key.clone }
    end
  end

  def test_a_frozen_key_signs_and_closes
    key = Fedigraft::PrivateKey.from_pem(KEY.to_pem).freeze
    assert_equal 256, key.sign("x").bytesize
    key.close
    assert key.closed?
  end

  # A call that were not counted out would keep the handle from being freed.
  def test_a_thread_that_is_killed_or_interrupted_is_counted_out
    instance = Fedigraft::Instance.new("https://me.example")
    20.times do |round|
      threads = Array.new(2) { Thread.new { loop { instance.uri("actor", "1") } } }
      threads.each { |thread| thread.report_on_exception = false }
      sleep 0.002
      threads.each { |thread| round.even? ? thread.kill : thread.raise(IOError) }.each do |thread|
        assert_raises(IOError) { thread.value || raise(IOError) }
      end
    end
    assert_equal 0, instance.instance_variable_get(:@calls)
  end

  # A thread that is killed or interrupted inside a call leaves the library usable.
  def test_interrupts_leave_nothing_broken
    30.times do
      thread = Thread.new { loop { KEY.sign("x") } }
      sleep 0.002
      thread.kill
      thread.join
    end
    assert_raises(Timeout::Error) { Timeout.timeout(0.05) { loop { KEY.sign("x") } } }
    assert_equal 256, KEY.sign("x").bytesize
  end

  # A signal handler may call the library while the same thread is inside a call.
  def test_a_call_inside_a_call_has_memory_of_its_own
    inner = nil
    outer = Fedigraft::Native.bytes do |out, error|
      status = Fedigraft::Native.fedigraft_html_sanitise("<p>outer</p>", 12, out, error)
      inner = Fedigraft.sanitise("<p>inner</p>")
      status
    end
    assert_equal ["<p>outer</p>", "<p>inner</p>"], [outer, inner]
  end

  private

  def exchange_of(instance)
    instance.receive(NOW, GET)
  end
end
