# frozen_string_literal: true

# The fetcher's rules, one by one, against real servers on loopback.
require_relative "helper"

class NetworkTest < FedigraftTest
  OK = "HTTP/1.1 200 OK\r\nContent-Type: application/activity+json\r\nContent-Length: 2\r\n\r\n{}"

  def ask(url, method: "GET", headers: [], body: "", max_body: 1000, timeout: 10.0, local: true)
    Fedigraft::Fetch.new(
      number: 1, method: method, url: url, headers: headers, body: body, max_body: max_body, timeout: timeout,
      allow_local: local
    )
  end

  def reason(network, step)
    refused(Fedigraft::FetchFailed) { network.fetch(step) }.reason
  end

  def network(**options)
    Fedigraft::Network.new(**options)
  end

  def leading_to(*addresses, **options)
    network(resolve: ->(_host, _port) { addresses }, **options)
  end

  def test_an_answer_comes_whole_with_the_address_of_the_peer
    server = peer(OK)
    answer = network.fetch(ask(server.url))
    assert_equal [200, "{}", "127.0.0.1", server.url], [answer.status, answer.body, answer.address, answer.url]
    assert_includes answer.headers, ["content-type", "application/activity+json"]
  end

  def test_headers_travel_exactly_as_given_and_nothing_is_compressed
    server = peer(OK)
    given = [%w[Host peer.test], %w[Date now], ["signature", 'keyId="x"']]
    network.fetch(ask("#{server.url}a?b=%20c", method: "POST", headers: given, body: "hello"))
    lines = server.received.first.split("\r\n")
    assert_equal ["POST /a?b=%20c HTTP/1.1", "Host: peer.test", "Date: now", 'signature: keyId="x"'], lines.first(4)
    assert_includes lines, "Content-Length: 5"
    assert_includes lines, "Accept-Encoding: identity"
    assert_equal "hello", lines.last
  end

  def test_a_proxy_of_the_environment_is_not_used
    server = peer(OK)
    proxy = peer(OK)
    before = ENV.to_h
    ENV.update("http_proxy" => proxy.url, "HTTP_PROXY" => proxy.url, "all_proxy" => proxy.url)
    network.fetch(ask(server.url))
    assert_equal [1, 0], [server.connections, proxy.connections]
  ensure
    ENV.replace(before)
  end

  %w[127.0.0.1 10.0.0.1 ::1 ::ffff:127.0.0.1 169.254.169.254].each do |address|
    define_method("test_a_name_that_leads_to_#{address}_is_refused_without_a_connection") do
      server = peer(OK)
      assert_equal "address_refused", reason(leading_to(address), ask("https://peer.test:#{server.port}/", local: false))
      assert_equal 0, server.connections
    end
  end

  %w[127.0.0.1 2130706433 0x7f.1 [::1] localhost 0].each do |host|
    define_method("test_#{host}_is_no_way_to_loopback") do
      assert_equal "address_refused", reason(network, ask("https://#{host}/", local: false))
    end
  end

  %w[10.0.0.1 192.168.1.1 169.254.169.254 fd00::1 0.0.0.0].each do |address|
    define_method("test_development_does_not_open_#{address}") do
      assert_equal "address_refused", reason(leading_to(address), ask("http://peer.test/"))
    end
  end

  # The name is resolved once: a second answer, which would be private, is never asked for.
  def test_only_the_checked_address_is_connected_to
    asked = []
    rebinding = lambda do |host, _port|
      asked << host
      asked.size == 1 ? %w[192.0.2.7 10.0.0.1] : ["127.0.0.1"]
    end
    assert_equal "address_refused", reason(network(resolve: rebinding), ask("https://peer.test/", local: false))
    assert_equal ["peer.test"], asked
  end

  def test_a_second_address_is_tried_when_the_first_does_not_answer
    server = peer(OK)
    closed = TCPServer.open("127.0.0.1", 0, &:local_address)
    skip unless closed
    answer = leading_to("::1", "127.0.0.1").fetch(ask("http://peer.test:#{server.port}/"))
    assert_equal "127.0.0.1", answer.address
  end

  def test_plain_http_is_refused_outside_development
    assert_equal "url_refused", reason(network, ask("http://peer.test/", local: false))
  end

  [
    "https://user@peer.test/", "https://user:pass@peer.test/", "https://peer.test\\@evil.test/", "https://peer.test/a b",
    "https://peer.test/a\r\nX: y", "https://peer.test/a\n", "https://peer.test/ä", "https://peer.test/#a", "ftp://peer.test/",
    "//peer.test/", "https:///path", ""
  ].each do |url|
    define_method("test_the_url_#{url.inspect}_is_refused") do
      assert_equal "url_refused", reason(network, ask(url))
    end
  end

  def test_a_header_that_would_break_the_request_is_refused
    server = peer(OK)
    [["X", "a\r\nY: b"], ["X: y", "a"], ["X", "a\0"], %W[X\n a]].each do |line|
      assert_equal "url_refused", reason(network, ask(server.url, headers: [line]))
    end
    assert_equal 0, server.connections
  end

  def test_a_redirect_is_returned_and_not_followed
    target = peer(OK)
    server = peer("HTTP/1.1 302 Found\r\nLocation: #{target.url}\r\nContent-Length: 0\r\n\r\n")
    answer = network.fetch(ask(server.url))
    assert_equal [302, server.url], [answer.status, answer.url]
    assert_equal 0, target.connections
  end

  # Each byte comes in good time; all of them together do not.
  def test_a_slow_server_hits_the_total_deadline
    drip = lambda do |connection|
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
      1000.times do
        connection.write("x")
        sleep 0.05
      end
    end
    assert_equal "timeout", reason(network(timeout: 0.5), ask(peer(&drip).url))
    assert_equal "timeout", reason(network, ask(peer(&drip).url, timeout: 0.5))
  end

  def test_slow_headers_and_silence_hit_the_deadline_too
    slow = lambda do |connection|
      "HTTP/1.1 200 OK\r\nX: #{"y" * 200}".each_char do |byte|
        connection.write(byte)
        sleep 0.05
      end
    end
    impatient = network(timeout: 0.4)
    assert_equal "timeout", reason(impatient, ask(peer(&slow).url))
    assert_equal "timeout", reason(impatient, ask(peer { |_| sleep 5 }.url))
  end

  # Whoever takes the connection and never speaks TLS.
  def test_a_silent_handshake_hits_the_deadline_too
    server = TCPServer.new("127.0.0.1", 0)
    assert_equal "timeout", reason(leading_to("127.0.0.1", timeout: 0.3), ask("https://peer.test:#{server.addr[1]}/"))
  ensure
    server.close
  end

  def test_slow_resolving_hits_the_deadline
    stuck = network(timeout: 0.3, resolve: ->(_host, _port) { sleep 5 })
    assert_equal "timeout", reason(stuck, ask("https://peer.test/"))
  end

  def test_a_name_that_does_not_exist
    missing = network(resolve: ->(_host, _port) { raise SocketError, "not known" })
    assert_equal "dns_failed", reason(missing, ask("https://peer.test/"))
    assert_equal "dns_failed", reason(leading_to, ask("https://peer.test/"))
  end

  {
    "declared" => "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
    "until_close" => "HTTP/1.1 200 OK\r\n\r\n#{"x" * 1001}",
    "chunked" => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n#{"x" * 1001}\r\n0\r\n\r\n"
  }.each do |name, answer|
    define_method("test_an_answer_over_the_limit_is_refused_#{name}") do
      assert_equal "too_large", reason(network, ask(peer(answer).url))
    end
  end

  def test_an_answer_of_exactly_the_limit_passes
    server = peer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n#{"x" * 1000}")
    assert_equal 1000, network.fetch(ask(server.url)).body.bytesize
  end

  # Nothing of an answer grows without a bound: not the head, and not what lies beside the body.
  def test_an_endless_head_and_endless_trailers_are_refused
    endless = ->(start) { peer { |it| it.write(start) && loop { it.write("X: #{"y" * 1000}\r\n") } } }
    assert_equal "protocol_error", reason(network, ask(endless.call("HTTP/1.1 200 OK\r\n").url))
    chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    assert_equal "protocol_error", reason(network, ask(endless.call(chunked).url))
    line = peer { |it| it.write("HTTP/1.1 200 OK\r\nX: ") && loop { it.write("y" * 1000) } }
    assert_equal "protocol_error", reason(network, ask(line.url))
  end

  def test_a_compressed_answer_is_refused
    server = peer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}")
    assert_equal "protocol_error", reason(network, ask(server.url))
  end

  {
    "empty" => "", "garbage" => "garbage\r\n\r\n", "short" => "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
    "bad_chunk" => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "bad_length" => "HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n", "early_end" => "HTTP/1.1 200 OK\r\nX: y",
    "two_lengths" => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}",
    "minus" => "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
    "coded" => "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "only_1xx" => "#{"HTTP/1.1 102 Processing\r\n\r\n" * 50}#{OK}"
  }.each do |name, answer|
    define_method("test_an_answer_that_is_not_whole_http_is_refused_#{name}") do
      assert_includes %w[protocol_error connection_failed], reason(network, ask(peer(answer).url))
    end
  end

  def test_an_early_hint_is_not_the_answer
    server = peer("HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n#{OK}")
    assert_equal [200, "{}"], network.fetch(ask(server.url)).then { |answer| [answer.status, answer.body] }
  end

  def test_nobody_listens
    port = free_port
    assert_equal "connection_failed", reason(network, ask("http://127.0.0.1:#{port}/"))
  end

  def test_tls_names_the_host_it_asked_for_and_trusts_the_extra_certificate
    certificate, key = certificates
    context = OpenSSL::SSL::SSLContext.new
    context.cert = OpenSSL::X509::Certificate.new(File.read(certificate))
    context.key = OpenSSL::PKey.read(File.read(key))
    server = peer(OK)
    server.wrap = ->(socket) { OpenSSL::SSL::SSLSocket.new(socket, context).tap(&:accept) }
    trusting = leading_to("127.0.0.1", ca_file: certificate)
    assert_equal 200, trusting.fetch(ask("https://peer.test:#{server.port}/")).status
    assert_equal "tls_failed", reason(trusting, ask("https://other.test:#{server.port}/"))
    assert_equal "tls_failed", reason(leading_to("127.0.0.1"), ask("https://peer.test:#{server.port}/"))
    # An address has no name to say beforehand; the certificate must name it all the same.
    assert_equal "tls_failed", reason(trusting, ask("https://127.0.0.1:#{server.port}/"))
  end

  def test_a_federation_waits_as_long_as_its_policy_says
    slow = peer { |_| sleep 8 }
    ann = village("ann", policy: { base: "development", fetch_seconds: 1 })
    asked = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    error = refused(Fedigraft::Failed) { ann.fed.look_up("#{slow.url}users/1") }
    assert_includes error.message, "timeout"
    assert_operator Process.clock_gettime(Process::CLOCK_MONOTONIC) - asked, :<, 6
    patient = village("bob", policy: { base: "development", fetch_seconds: 25 }).fed
    fetch = patient.instance_variable_get(:@driver).instance_variable_get(:@fetch)
    assert_equal 25, fetch.binding.local_variable_get(:network).timeout
  end

  def test_cancelling_closes_the_connection
    closed = Queue.new
    server = peer { |connection| closed << connection.read(1) }
    left = false
    thread = Thread.new do
      network.fetch(ask(server.url), cancelled: -> { left })
    rescue Fedigraft::FetchFailed => e
      e.reason
    end
    eventually { !server.received.empty? }
    left = true
    # Long before the request's own deadline of ten seconds.
    assert_nil Timeout.timeout(5) { closed.pop }
    assert_equal "cancelled", thread.value
  end
end

# The deny list, at both edges of every network.
class AddressesTest < Minitest::Test
  PRIVATE = %w[
    0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 127.255.255.255
    169.254.0.1 169.254.169.254 172.16.0.0 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.0 192.88.99.1 192.168.0.1
    192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
    255.255.255.255 :: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.1.2.3 64:ff9b::1 64:ff9b:1::1
    100::1 2001::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::1 3fff::1 fc00::1 fd12::1 fe80::1
    fe80::1%eth0 2600::1%eth0 ff02::1 not-an-address 1.2.3 127.1 1.1.1.1/32
  ].freeze
  PUBLIC = %w[
    1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 169.253.1.1
    172.15.255.255 172.32.0.0 192.167.1.1 198.17.255.255 198.20.0.0 223.255.255.255 ::ffff:1.1.1.1
    2001:4860:4860::8888 2a00:1450::1 2600::1
  ].freeze

  def test_what_is_private
    assert_empty(PRIVATE.select { |address| Fedigraft::Addresses.public?(address) })
  end

  def test_what_is_public
    assert_empty(PUBLIC.reject { |address| Fedigraft::Addresses.public?(address) })
  end

  def test_what_is_loopback
    assert(%w[127.0.0.1 ::1 ::ffff:127.0.0.2].all? { |address| Fedigraft::Addresses.loopback?(address) })
    assert(%w[10.0.0.1 ::2 x].none? { |address| Fedigraft::Addresses.loopback?(address) })
  end
end
