# frozen_string_literal: true

# Exchanges by hand: the steps, wrong answers, closing, threads; and the same activity twice at once.
require_relative "helper"

class ExchangeTest < FedigraftTest
  include Fedigraft

  NOW = 1_790_000_000
  ACCEPT = { "Accept" => "application/activity+json" }.freeze

  def setup
    super
    @ann = village("ann")
  end

  def host
    @ann.fed.instance_variable_get(:@host)
  end

  def begun(&block)
    exchange = @ann.fed.instance.receive(NOW, Request.new("GET", "/ap/users/1", headers: ACCEPT))
    block ? exchange.with(&block) : exchange
  end

  def answers(step)
    @ann.database.session { |session| step.wanted.map { |one| host.load(session, one, NOW) } }
  end

  def test_the_steps_are_typed_and_asking_again_gives_the_same
    begun do |exchange|
      step = exchange.step
      assert_instance_of Load, step
      assert_equal step, exchange.step
      assert_equal 1, step.number
      while step.is_a?(Load)
        exchange.answer_load(step.number, NOW, answers(step))
        step = exchange.step
      end
      assert_instance_of Done, step
      assert_equal 200, step.response.status
      assert_equal @ann.actor, JSON.parse(step.response.body)["id"]
    end
  end

  def test_an_answer_to_another_step_changes_nothing
    begun do |exchange|
      first = exchange.step
      fetched = Fetched.new(url: "https://a", status: 200, address: "1.1.1.1")
      assert_raises(OutOfStep) { exchange.answer_load(7, NOW, [nil] * first.wanted.size) }
      assert_raises(OutOfStep) { exchange.answer_sign(first.number, NOW, "x") }
      assert_raises(OutOfStep) { exchange.answer_fetch(first.number, NOW, fetched) }
      assert_raises(InvalidArgument) { exchange.answer_load(first.number, NOW, []) }
      assert_equal first, exchange.step
    end
  end

  def test_a_load_that_fails_is_not_a_load_that_finds_nothing
    begun do |exchange|
      size = exchange.step.wanted.size
      exchange.answer_load(1, NOW, [{ error: "away", retryable: true }] * size)
      assert_equal 503, exchange.step.response.status
    end
    begun do |exchange|
      exchange.answer_load(1, NOW, [nil] * exchange.step.wanted.size)
      assert_equal 404, exchange.step.response.status
    end
  end

  def test_an_exchange_outlives_its_instance
    instance = Instance.new("https://a.example", loads: host.names)
    exchange = instance.receive(NOW, Request.new("GET", "/ap/users/1"))
    instance.close
    assert_instance_of Load, exchange.step
    exchange.close
  end

  def test_ten_threads_on_one_exchange_get_steps_or_busy
    begun do |exchange|
      seen = Array.new(10) do
        Thread.new do
          Array.new(50) do
            exchange.step.class
          rescue Busy => e
            e.retryable? ? Busy : flunk
          end
        end
      end.flat_map(&:value)
      assert_equal 500, seen.size
      assert_empty seen.uniq - [Busy, Load]
    end
  end

  def test_ten_threads_on_one_federation
    request = Request.new("GET", "/ap/users/1", headers: ACCEPT)
    statuses = Array.new(10) { Thread.new { Array.new(5) { @ann.fed.inbound.answer(request).status } } }.flat_map(&:value)
    assert_equal [200] * 50, statuses
  end

  def looked_up(query = "https://peer.test/1", &fetch)
    driver = Driver.new(->(step, _) { fetch.call(step) }, -> { NOW })
    driver.run(@ann.fed.instance.look_up(NOW, query), Host::Alone.new(host, @ann.database))
  end

  def test_a_fetch_is_signed_by_the_instance_and_complete
    asked = nil
    done = looked_up do |step|
      asked = step
      Fetched.new(url: step.url, status: 404, address: "93.184.215.14")
    end
    refute done.result && !done.result.empty?
    assert_equal "GET", asked.method
    assert_empty %w[host date signature accept user-agent] - asked.headers.map { |name, _| name.downcase }
    assert_equal "peer.test", asked.headers.to_h["Host"]
  end

  def test_an_answer_the_core_does_not_believe_is_refused
    answers = [
      lambda { |step|
        Fetched.new(url: "https://other.test/1", status: 200, body: "{}", address: "93.184.215.14",
                    headers: step.headers.first(0))
      },
      lambda { |step|
        Fetched.new(url: step.url, status: 200, headers: { "Content-Type" => ACTIVITY_JSON }, body: "{}", address: "10.0.0.1")
      }
    ]
    answers.each do |answer|
      error = refused { looked_up(&answer) }
      assert_includes %w[another_url_answered private_address wrong_url address_refused], error.reason
    end
  end

  def test_a_fetch_that_fails_says_whether_to_try_again
    error = refused(Failed) { looked_up { raise FetchFailed.new("away", reason: "timeout", retryable: true) } }
    assert error.retryable?
    assert_includes error.message, "timeout"
  end

  def test_an_exception_of_the_fetcher_frees_the_exchange
    exchange = @ann.fed.instance.look_up(NOW, "https://peer.test/1")
    driver = Driver.new(->(_step, _) { 1 / 0 }, -> { NOW })
    assert_raises(ZeroDivisionError) { driver.run(exchange, Host::Alone.new(host, @ann.database)) }
    assert exchange.closed?
  end

  def test_a_missing_load_fails_when_the_instance_opens
    fed = Federation.new("https://a.example", database: File.join(@folder, "a.db"))
    fed.profile { nil }
    error = refused(InvalidArgument) { fed.instance }
    assert_includes error.message, "fed.post"
    assert_equal "missing_load", refused(InvalidArgument) { fed.publish(1) }.reason
    fed.post { nil }
    fed.posts { nil }
    assert_equal "https://a.example/ap/users/1", fed.instance.uri("actor", "1")
  end

  def test_mistakes_show_at_once
    path = File.join(@folder, "a.db")
    assert_raises(InvalidArgument) { Federation.new("not an origin", database: path) }
    assert_raises(ArgumentError) { Federation.new("https://a.example", database: path, nmae: "typo") }
    fed = Federation.new("https://a.example", database: path)
    assert_raises(InvalidArgument) { fed.on(:post_cretaed) { nil } }
    assert_equal "no_block", refused(InvalidArgument) { fed.on(:post_created) }.reason
    assert_equal "no_block", refused(InvalidArgument) { fed.profile }.reason
  end

  def test_a_load_of_the_wrong_type_is_named
    @ann.fed.profile { |_db, _key| "ann" }
    assert_equal "profile", refused(InvalidArgument) { @ann.write("x") }.place
  end

  def test_a_load_may_give_a_plain_hash
    @ann.fed.profile { |_db, _key| { "id" => "1", "username" => "ann", "federated" => true } }
    request = Request.new("GET", "/ap/users/1", headers: ACCEPT)
    assert_equal "ann", JSON.parse(@ann.fed.inbound.answer(request).body)["preferredUsername"]
  end

  # A signed Create of Bob, who has a follower in Ann.
  def delivered(bob)
    uri = bob.fed.instance.uri("post", "77")
    everyone = ["https://www.w3.org/ns/activitystreams#Public"]
    note = { id: uri, type: "Note", attributedTo: bob.actor, content: "<p>Once</p>", to: everyone }
    body = JSON.generate({
      "@context": "https://www.w3.org/ns/activitystreams", id: "#{uri}/create", type: "Create", actor: bob.actor,
      to: everyone, object: note
    })
    headers = Fedigraft.sign(
      PrivateKey.from_pem(bob.pem), "#{bob.actor}#main-key", "POST", "#{@ann.origin}/ap/inbox", body: body
    )
    Request.new("POST", "/ap/inbox", headers: headers, body: body)
  end

  # Ann follows Bob.
  def friends
    bob = served("bob")
    here = Served.new(@ann)
    befriend(bob, @ann)
    here.close
    bob
  end

  # Both are judged before either commits, as in two processes; the second commit writes nothing.
  def test_two_exchanges_that_saw_the_same_past_have_one_effect
    bob = friends
    request = delivered(bob)
    driver = @ann.fed.instance_variable_get(:@driver)
    helper = Host::Alone.new(host, @ann.database)
    ends = Array.new(2) { driver.run(@ann.fed.instance.receive(driver.now, request), helper) }
    assert_equal [["post_created"]] * 2, ends.map { |done| done.events.map { |event| event["type"] } }
    before = @ann.told
    assert_equal [202, 202], ends.map { |done| @ann.fed.inbound.send(:commit, done).status }
    assert_equal [*before, "post_created"], @ann.told
  end

  def test_the_same_delivery_at_once_through_six_processes_has_one_effect
    request = delivered(friends)
    before = @ann.told
    children = Array.new(6) do
      fork { exit!(Array.new(3) { @ann.fed.inbound.answer(request).status }.uniq == [202] ? 0 : 1) }
    end
    assert(children.map { |child| Process.wait2(child).last.success? }.all?)
    assert_equal [*before, "post_created"], @ann.told
  end

  # The private key need not be in the store at all.
  def test_a_sign_step_can_be_answered_by_a_key_service
    key = PrivateKey.generate
    actor = @ann.fed.instance.uri("instance_actor")
    service = Host::Alone.new(host, @ann.database)
    service.define_singleton_method(:sign) do |step, _now|
      raise "wrong step" unless [step.algorithm, step.actor] == ["rsa-v1_5-sha256", actor]

      key.sign(step.data)
    end
    seen = nil
    fetch = lambda do |step, _|
      seen = step
      Fetched.new(url: step.url, status: 410, address: "93.184.215.14")
    end
    Driver.new(fetch, -> { NOW }).run(@ann.fed.instance.look_up(NOW, "https://peer.test/1"), service)
    request = Request.new("GET", "/1", headers: seen.headers)
    assert Fedigraft.verify(Instance.new("https://peer.test"), request, key.public_key, now: NOW).accepted?
  end

  # As rack-timeout and Timeout do. A place that is lost would be lost for good: after four, every stranger is sent away.
  def test_the_gate_loses_no_place_when_threads_are_killed_or_interrupted
    gate = Driver::Gate.new(1000)
    20.times do |round|
      threads = Array.new(2) { Thread.new { loop { gate.pass { nil } } } }
      threads.each { |thread| thread.report_on_exception = false }
      sleep 0.002
      threads.each { |thread| round.even? ? thread.kill : thread.raise(IOError) }.each do |thread|
        assert_raises(IOError) { thread.value || raise(IOError) }
      end
    end
    assert_equal 0, gate.inside
  end

  def test_the_gate_counts_anew_in_a_child
    gate = Driver::Gate.new(1)
    gate.pass do
      assert_raises(Busy) { gate.pass { flunk } }
      assert in_child { gate.pass { gate.inside == 1 } }.success?
    end
    assert_equal 0, gate.inside
  end
end
