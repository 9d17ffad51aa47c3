# frozen_string_literal: true

# Keys, signing, verifying and explaining, through the real library; and with the HTTP clients Ruby hosts have.
require_relative "helper"
require "fedigraft/faraday"
require "fedigraft/net_http"

class SigningTest < FedigraftTest
  include Fedigraft

  NOW = 1_790_000_000
  KEY = PrivateKey.generate
  KEY_ID = "https://me.example/ap/users/1#main-key"
  BODY = '{"type":"Follow"}'
  HERE = Instance.new("https://you.example")

  def signed(body: BODY, now: NOW, url: "https://you.example/inbox?a=%20b")
    headers = Fedigraft.sign(KEY, KEY_ID, "POST", url, body: body, now: now)
    Request.new("POST", url.delete_prefix("https://you.example"), headers: headers, body: body)
  end

  def judge(request, instance: HERE, key: KEY.public_key, now: NOW)
    Fedigraft.verify(instance, request, key, now: now)
  end

  def test_what_is_signed_verifies
    verdict = judge(signed)
    assert verdict.accepted?
    refute verdict.refused?
    assert_equal [KEY_ID, "cavage", nil], [verdict.key_id, verdict.scheme, verdict.evidence]
    assert judge(signed, now: Time.at(NOW)).accepted?
  end

  def test_the_headers_are_those_every_server_accepts
    assert_equal %w[Host Content-Type Date Digest Signature], signed.headers.map(&:first)
    get = Fedigraft.sign(KEY, KEY_ID, :get, "https://you.example:8443/a", now: NOW)
    assert_equal %w[Host Date Signature], get.keys
    assert_equal "you.example:8443", get["Host"]
  end

  def test_the_claim_names_the_key
    assert_equal Claim.new(scheme: "cavage", key_id: KEY_ID), Fedigraft.claim(signed)
    assert_raises(Malformed) { Fedigraft.claim(Request.new("GET", "/")) }
  end

  def test_every_change_is_noticed
    request = signed
    [
      { body: '{"type":"Block"}' }, { target: "/inbox" }, { method: "PUT" },
      { headers: request.headers.reject { |line| line.first == "Date" } }
    ].each do |change|
      verdict = judge(request.with(**change))
      refute verdict.accepted?, change.keys.first
      assert_includes [400, 401], verdict.status
    end
  end

  def test_another_host_another_key_another_time
    refute judge(signed, instance: Instance.new("https://other.example")).accepted?
    refute judge(signed, key: PrivateKey.generate.public_key).accepted?
    refute judge(signed, now: NOW + 86_400).accepted?
  end

  def test_an_explanation_shows_every_rule_and_the_cause
    verdict = Fedigraft.explain(HERE, signed.with(body: "{}"), KEY.public_key, now: NOW)
    failed = verdict.evidence.rules.reject(&:ok?)
    refute_empty failed
    assert(failed.all? { |rule| rule.expected && rule.source })
    assert_includes verdict.evidence.signature_base, "(request-target): post /inbox?a=%20b"
    assert_includes verdict.report, "FAIL"
    assert_includes verdict.report, "signature base:"
  end

  def test_a_captured_request_reads_back
    request = signed
    lines = ["POST #{request.target} HTTP/1.1", *request.headers.map { |name, value| "#{name}: #{value}" }]
    lines << "Content-Length: #{BODY.bytesize}"
    crlf = [*lines, "", ""].join("\r\n") + BODY
    lf = "#{[*lines, "", ""].join("\n")}#{BODY}\n"
    [crlf, lf].each { |text| assert judge(Request.parse(text)).accepted? }
    assert_equal "a\r\n\r\nb\n\nc", Request.parse("POST /inbox HTTP/1.1\r\nA: b\r\n\r\na\r\n\r\nb\n\nc").body
  end

  ["", "hello", "POST\r\n\r\n", "POST / HTTP/1.1\r\nno colon\r\n\r\n"].each do |text|
    define_method("test_the_capture_#{text.inspect}_says_where") do
      assert_match(/\Aline /, refused(Malformed) { Request.parse(text) }.place)
    end
  end

  def test_pems_come_back_and_bad_ones_are_refused
    pem = KEY.to_pem
    assert_equal pem, PrivateKey.from_pem(pem).to_pem
    assert_equal KEY.public_pem, PrivateKey.from_pem(pem.gsub("\n", "\\n")).public_pem
    ["", "no key", KEY.public_pem, nil].each { |text| assert_raises(Fedigraft::Error) { PrivateKey.from_pem(text) } }
    error = refused(Malformed) { PublicKey.from_pem("no key") }
    refute_empty error.reason
    refute_includes error.message, "no key"
  end

  def test_openssl_agrees
    public_key = OpenSSL::PKey::RSA.new(KEY.public_pem)
    assert public_key.verify("SHA256", KEY.sign("message"), "message")
    assert_equal "SHA-256=#{[OpenSSL::Digest.digest("SHA256", BODY)].pack("m0")}", signed.headers.to_h["Digest"]
  end

  ["/inbox", "ftp://a/", "https://", "https://u@h/", "not a url"].each do |url|
    define_method("test_the_url_#{url.inspect}_is_refused") do
      assert_equal "url", refused(InvalidArgument) { Fedigraft.sign(KEY, KEY_ID, "GET", url, now: NOW) }.place
    end
  end

  def test_errors_say_where
    error = refused(InvalidArgument) { Instance.new("https://you.example", aliases: ["not an origin"]) }
    assert_equal "/aliases/0", error.place
    assert_equal :invalid_argument, error.code
    assert_equal "#{error.sentence} (#{error.reason} at /aliases/0)", error.message
    refute_includes error.sentence, error.reason
    refute error.retryable?
    again = Marshal.load(Marshal.dump(error))
    assert_equal [error.class, error.message, error.place], [again.class, again.message, again.place]
    bare = Fedigraft::TooLarge.new("too much")
    assert_equal ["too much", "too much (too_large)", "too much (too_large)"], [bare.sentence, bare.message, bare.to_s]
  end

  def test_an_instance_tells_its_uris_and_its_warnings
    Instance.open("http://127.0.0.1:8080", policy: "development", account_domain: "chirp.test") do |instance|
      assert_equal "http://127.0.0.1:8080/ap/users/7", instance.uri("actor", "7")
      assert_equal "@alice@chirp.test", instance.uri("handle", "alice")
      assert_match(%r{/ap/users/7#main-key\z}, instance.uri("key", "7"))
      assert instance.development?
      assert(instance.described["warnings"].any? { |warning| warning.include?("development") })
    end
    refute HERE.development?
    assert_raises(InvalidArgument) { HERE.uri("nonsense") }
    assert_raises(InvalidArgument) { Instance.new("https://a.example", paths: { nonsense: "/" }) }
  end

  def test_what_an_input_may_be
    assert_raises(InvalidArgument) { KEY.sign(nil) }
    assert_raises(TooLarge) { KEY.sign("x" * (Native::MAX_INPUT + 1)) }
    mutable = +"message"
    assert_equal KEY.sign("message"), KEY.sign(mutable)
    refute mutable.frozen?
  end

  # The request as it went over the wire, judged.
  def received(server)
    request = Request.parse(server.received.first)
    host = "http://127.0.0.1:#{server.port}"
    Instance.open(host, policy: "development") { |instance| Fedigraft.verify(instance, request, KEY.public_key) }
  end

  def test_net_http_signs
    server = peer("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    uri = URI("#{server.url}inbox?a=b")
    request = Net::HTTP::Post.new(uri, "Content-Type" => ACTIVITY_JSON)
    request.body = BODY
    NetHTTP.sign(request, uri, key: KEY, key_id: KEY_ID)
    assert_equal "202", Net::HTTP.start(uri.host, uri.port) { |http| http.request(request) }.code
    assert received(server).accepted?
    request.body_stream = StringIO.new
    assert_raises(InvalidArgument) { NetHTTP.sign(request, uri, key: KEY, key_id: KEY_ID) }
  end

  def test_faraday_signs
    server = peer("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    client = ::Faraday.new do |it|
      it.request :fedigraft, key: KEY, key_id: ->(_env) { KEY_ID }
      it.adapter :net_http
    end
    answer = client.post("#{server.url}inbox?a=b", BODY, "Content-Type" => ACTIVITY_JSON)
    assert_equal 202, answer.status
    assert received(server).accepted?
    assert_raises(InvalidArgument) { client.post("#{server.url}inbox", { a: 1 }) }
  end

  def test_faraday_signs_a_get
    server = peer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    client = ::Faraday.new do |it|
      it.request :fedigraft, key: ->(_env) { KEY }, key_id: KEY_ID
      it.adapter :net_http
    end
    assert_equal "{}", client.get("#{server.url}users/1").body
    assert received(server).accepted?
  end
end
