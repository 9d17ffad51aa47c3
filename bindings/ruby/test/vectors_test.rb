# frozen_string_literal: true

# The vectors of all languages, run through this one. What the gem offers its users is what is called; where that cannot
# say what a case says (a head that is no head), the call helper below it is used.
require_relative "helper"
require_relative "support/vectors"

class VectorsTest < Minitest::Test
  include Fedigraft

  HANDLES = Vectors.read("handles.json")
  HEAD = %w[method target headers client].freeze
  N = Native

  OPENED = {
    "instances" => HANDLES["instances"].transform_values do |config|
      Instance.new(config["origin"], **config.except("origin").transform_keys(&:to_sym))
    end,
    "keys" => HANDLES["keys"].transform_values { |pem| PrivateKey.from_pem(pem) },
    "public_keys" => HANDLES["public_keys"].transform_values { |pem| PublicKey.from_pem(pem) }
  }.freeze

  CASES = Vectors.cases

  def test_there_are_many
    assert_operator CASES.size, :>=, 40
  end

  CASES.each { |one| define_method("test_#{one["name"]}") { play(one) } }

  # One expectation of each kind, changed: it is noticed.
  {
    "text" => [->(one) { one["out"].is_a?(String) }, ->(one) { one["out"] += "x" }],
    "json" => [->(one) { one["out"].is_a?(Hash) && one["out"]["json"].is_a?(Hash) }, lambda { |one|
                                                                                       one["out"]["json"]["more"] = nil
                                                                                     }],
    "reason" => [->(one) { one["error"] }, ->(one) { one["error"]["reason"] = "another" }],
    "retryable" => [->(one) { one["error"] }, ->(one) { one["error"]["retryable"] = !one["error"]["retryable"] }],
    "done" => [->(one) { one.dig("steps", -1, "step", "done") }, ->(one) { one["steps"].last["step"]["done"]["more"] = 1 }],
    "body" => [->(one) { one.dig("steps", -1, "body", "json") }, ->(one) { one["steps"].last["body"]["json"]["more"] = 1 }],
    "no_body" => [->(one) { one["steps"] && !one["steps"].last["body"] }, ->(one) { one["steps"].last["body"] = "x" }],
    "step_error" => [->(one) { one.dig("steps", -1, "error") }, ->(one) { one["steps"].last["error"]["at"] = "/x" }]
  }.each do |kind, (fits, change)|
    define_method("test_the_runner_sees_a_wrong_#{kind}") do
      one = Marshal.load(Marshal.dump(CASES.find(&fits)))
      change.call(one)
      assert_raises(Vectors::Mismatch) { play(one) }
    end
  end

  def test_the_runner_refuses_what_it_does_not_know
    one = CASES.find { |it| it["call"] == "html_to_text" }
    [
      one.merge("nme" => "x"), one.merge("call" => "html_to_txt"), one.merge("in" => { "htlm" => "" }), one.merge("in" => {}),
      one.merge("steps" => []), one.except("out", "error")
    ].each { |changed| assert_raises(Vectors::Misspelt) { Vectors.check(changed) } }
    assert_raises(Vectors::Misspelt) { Vectors.bytes({ "hex" => "00" }) }
    assert_raises(KeyError) { inputs({ "call" => "key_to_pem", "in" => { "key" => "nobody" } }) }
  end

  private

  def play(one)
    given = inputs(one)
    begun = -> { public_send_case(one["call"], given, one["in"]) }
    if one["error"] then Vectors.same_error(one["error"]) { begun.call }
    elsif one["out"] then Vectors.same_bytes(one["out"], begun.call)
    else
      exchange(begun.call, one, given)
    end
    pass
  end

  # Handles by name, numbers, bytes.
  def inputs(one)
    one["in"].to_h do |name, value|
      kind = Vectors::HANDLES[name]
      [name, if kind then OPENED.fetch(kind).fetch(value)
             else
               name == "now" ? value : Vectors.bytes(value)
             end]
    end
  end

  def public_send_case(call, given, written)
    offered(call, given, written) || raw(call, given)
  end

  # By the methods for users, where they can say it.
  def offered(call, given, written)
    here, key, public_key, now = given.values_at("instance", "key", "public_key", "now")
    case call
    when "key_from_pem" then PrivateKey.from_pem(given["pem"]).close
    when "public_key_from_pem" then PublicKey.from_pem(given["pem"]).close
    when "key_to_pem" then key.to_pem
    when "key_public_pem" then key.public_pem
    when "key_sign" then key.sign(given["message"])
    when "public_key_to_pem" then public_key.to_pem
    when "instance_describe" then JSON.generate(here.described)
    when "instance_uri" then here.uri(given["kind"], given["id"])
    when "html_sanitise" then Fedigraft.sanitise(given["html"])
    when "html_to_text" then Fedigraft.html_to_text(given["html"])
    when "activity_read" then JSON.generate(Fedigraft.read_activity(given["activity"]))
    when "request_key_id" then (request = request(written, "")) && JSON.generate(Fedigraft.claim(request).to_h)
    when "receive" then (request = request(written, given["body"])) && here.receive(now, request)
    when "look_up" then here.look_up(now, given["query"])
    when "perform" then (action = json(written["action"])) && here.perform(now, action)
    when "resume" then (job = json(written["job"])) && here.resume(now, job)
    when "send" then (delivery = json(written["delivery"])) && here.send_delivery(now, delivery)
    end
  end

  # By the call helper, argument by argument.
  def raw(call, given)
    handles, others = Vectors::INPUTS.fetch(call).partition { |name| Vectors::HANDLES.key?(name) }
    pin(handles.map { |name| given[name] }) do |pointers|
      pointers = handles.zip(pointers).to_h
      flat = Vectors::INPUTS.fetch(call).flat_map { |name| flattened(name, given, pointers) }
      function = :"fedigraft_#{call}"
      next N.bytes { |out, error| N.public_send(function, *flat, out, error) } unless made(call)

      make = ->(out, error) { N.public_send(function, *flat, out, error) }
      made(call) == :fedigraft_exchange_free ? Exchange.new(&make) : N.handle(made(call), &make).free
    end
  ensure
    others&.clear
  end

  def made(call)
    return :fedigraft_exchange_free if %w[receive perform look_up resume send].include?(call)

    :fedigraft_instance_free if call == "instance_new"
  end

  def flattened(name, given, pointers)
    return [pointers[name]] if pointers.key?(name)

    name == "now" ? [given[name]] : [given[name], given[name].bytesize]
  end

  def pin(handles, pointers = [], &block)
    return yield pointers if handles.empty?

    handles.first.pinned { |pointer| pin(handles.drop(1), [*pointers, pointer], &block) }
  end

  def json(written)
    written["json"] if written.is_a?(Hash) && written["json"].is_a?(Hash)
  end

  # The request of a head, when it has the shape of one.
  def request(written, body)
    head = json(written["head"])
    return unless head && (head.keys - HEAD).empty? && head["method"].is_a?(String) && head["target"].is_a?(String)
    return unless head.key?("client") || head.size == 3

    headers = pairs(head["headers"]) or return
    Request.new(
      head["method"], N.from_latin1(head["target"]), headers: headers, body: body, client: head["client"]
    )
  rescue EncodingError, InvalidArgument
    nil
  end

  def pairs(headers)
    return unless headers.is_a?(Array) && headers.all? { |line| line.is_a?(Array) && line.size == 2 && line.all?(String) }

    headers.map { |name, value| [N.from_latin1(name), N.from_latin1(value)] }
  end

  def exchange(exchange, one, given)
    one["steps"].each do |item|
      next Vectors.same_error(item["error"]) { exchange.step } if item["error"]

      document, body = exchange.pinned do |pointer|
        N.json_and_bytes { |out, raw, error| N.fedigraft_exchange_step(pointer, out, raw, error) }
      end
      Vectors.same(item["step"], document)
      Vectors.same_bytes(item["body"] || "", body)
      typed(exchange.step, document, body)
      answer(exchange, item["answer"], document, given["now"]) if item["answer"]
    end
  ensure
    exchange.close
  end

  # The value the gem makes of a step says what the document says.
  def typed(step, document, body)
    raise Vectors::Mismatch, "number" unless step.number == document["step"]

    case step
    when Load then Vectors.same(document["load"], step.wanted.map { |one| JSON.parse(JSON.generate(one.to_h)) })
    when Fetch then Vectors.same([document["fetch"]["url"], body.b], [step.url, step.body])
    when Sign then Vectors.same(document["sign"]["bytes"], [step.data].pack("m0"))
    when Done
      Vectors.same(document["done"], step.document)
      step.events.each { |event| Vectors.same(event["type"], Events.read(event).type.to_s) }
      Vectors.same([document["done"]["response"]["status"], body.b], [step.response.status, step.response.body]) if step.response
    end
  end

  def answer(exchange, answer, document, now)
    number = answer["number"] || document["step"]
    now = answer["now"] || now
    give = -> { given(exchange, answer, document, number, now) }
    answer["error"] ? Vectors.same_error(answer["error"], &give) : give.call
  end

  def given(exchange, answer, document, number, now)
    case (answer.keys & Vectors::ANSWERS)
    when ["load"] then exchange.answer_load(number, now, answer["load"])
    when ["fetch"] then answer_fetch(exchange, answer, number, now)
    when ["sign"]
      key = OPENED["keys"].fetch(answer["sign"])
      exchange.answer_sign(number, now, key.sign((document["sign"] || {}).fetch("bytes", "").unpack1("m0")))
    when ["signature"] then exchange.answer_sign(number, now, Vectors.bytes(answer["signature"]))
    when ["failed"] then exchange.answer_failed(number, now, answer["failed"], answer["retryable"] || false)
    else raise Vectors::Misspelt, "answer: #{answer.keys}"
    end
  end

  def answer_fetch(exchange, answer, number, now)
    head = answer["fetch"]
    body = Vectors.bytes(answer["body"] || "")
    headers = pairs(head["headers"]) if head.is_a?(Hash) && head.keys.sort == %w[address headers status url]
    if headers && head["status"].is_a?(Integer) && head["address"]
      fetched = Fetched.new(**head.transform_keys(&:to_sym), headers: headers, body: body)
      return exchange.answer_fetch(number, now, fetched)
    end
    head = JSON.generate(head)
    exchange.pinned do |pointer|
      N.call { |error| N.fedigraft_exchange_answer_fetch(pointer, number, now, head, head.bytesize, body, body.bytesize, error) }
    end
  end
end
