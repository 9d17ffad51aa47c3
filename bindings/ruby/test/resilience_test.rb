# frozen_string_literal: true

# What happens on a bad day: huge uploads, clients that leave, slow strangers.
require_relative "helper"
require "io/wait"
require "net/http"
require "openssl"
require_relative "support/puma_process"

class ResilienceTest < FedigraftTest
  MIB = 1 << 20

  def stranger_delivery(stranger, ann)
    body = JSON.generate({
      "@context": "https://www.w3.org/ns/activitystreams", id: "#{stranger}#f", type: "Follow", actor: stranger,
      object: ann.actor
    })
    @key ||= Fedigraft::PrivateKey.generate
    [body, Fedigraft.sign(@key, "#{stranger}#main-key", "POST", "#{ann.origin}/ap/inbox", body: body)]
  end

  def deliver(port, body, headers)
    Net::HTTP.start("127.0.0.1", port, read_timeout: 20) { |http| http.post("/ap/inbox", body, headers).code }
  end

  # A client that holds the line until the peer's socket ends; tells when that was.
  def holding(closed)
    peer do |connection|
      connection.read(1)
      closed << true
    end
  end

  def test_a_gigabyte_for_the_hosts_own_page_passes_unread
    ann = village("ann")
    server = closing(PumaProcess.new(ann))
    Net::HTTP.start("127.0.0.1", ann.port) { |http| http.post("/upload", "x" * 1000) }
    before = server.resident
    most = before
    socket = TCPSocket.new("127.0.0.1", ann.port)
    socket.write("POST /upload HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: #{1024 * MIB}\r\n\r\n")
    piece = "x" * MIB
    1024.times do |number|
      socket.write(piece)
      most = [most, server.resident].max if (number % 64).zero?
    end
    answer = +""
    until (part = socket.read(1000)).nil? || part.empty?
      answer << part
      most = [most, server.resident].max
    end
    assert_match(/\AHTTP\S+ 200 /, answer)
    # Puma puts the body into a file, piece by piece; what grows is garbage that waits for the collector.
    assert_operator most - before, :<, 128 * MIB
  end

  # What a client does that leaves: over TCP it closes; over TLS it may say so first, or just be gone.
  LEAVING = {
    tcp: [nil, :close.to_proc], early_tls: ["TLS1_2", :close.to_proc], tls: ["TLS1_3", :close.to_proc],
    early_tls_without_a_word: ["TLS1_2", ->(client) { client.to_io.close }],
    tls_without_a_word: ["TLS1_3", ->(client) { client.to_io.close }]
  }.freeze

  def connected(port, version)
    socket = closing(TCPSocket.new("127.0.0.1", port))
    return socket unless version

    context = OpenSSL::SSL::SSLContext.new
    context.min_version = context.max_version = OpenSSL::SSL.const_get("#{version}_VERSION")
    OpenSSL::SSL::SSLSocket.new(socket, context).tap do |client|
      client.sync_close = true
      client.connect
    end
  end

  LEAVING.each do |kind, (version, leave)|
    define_method("test_a_client_that_leaves_puma_over_#{kind}_cancels_the_exchange_in_mid_fetch") do
      closed = Queue.new
      slow = holding(closed)
      ann = village("ann", most_fetching: 1)
      closing(Served.new(ann, tls: version && certificates))
      body, headers = stranger_delivery("#{slow.url}users/1", ann)
      client = connected(ann.port, version)
      lines = headers.map { |name, value| "#{name}: #{value}\r\n" }.join
      client.write("POST /ap/inbox HTTP/1.1\r\n#{lines}Content-Length: #{body.bytesize}\r\n\r\n#{body}")
      eventually { !slow.received.empty? }
      assert_empty closed
      leave.call(client)
      # Long before the request's own deadline of ten seconds.
      assert Timeout.timeout(5) { closed.pop }
      gate = ann.fed.instance_variable_get(:@inbound_driver).instance_variable_get(:@gate)
      eventually(3) { gate.inside.zero? }
      assert_equal 0, ann.count("fedigraft_once")
    end
  end

  # An exchange that was cancelled is freed, and nothing of it stays in memory.
  def test_a_cancelled_exchange_is_freed
    slow = holding(Queue.new)
    ann = village("ann")
    exchange = ann.fed.instance.look_up(Time.now.to_i, "#{slow.url}users/1")
    left = false
    driver = ann.fed.instance_variable_get(:@driver)
    helper = Fedigraft::Host::Alone.new(ann.fed.instance_variable_get(:@host), ann.database)
    thread = Thread.new do
      driver.run(exchange, helper, cancelled: -> { left })
    rescue Fedigraft::Cancelled => e
      e
    end
    eventually { !slow.received.empty? }
    left = true
    assert_instance_of Fedigraft::Cancelled, thread.value
    assert exchange.closed?
    assert_nil exchange.instance_variable_get(:@pointer)
  end

  # A server that kills the thread of a request, as a timeout middleware does, leaks nothing either.
  def test_a_killed_thread_frees_its_exchange_and_its_place
    slow = holding(Queue.new)
    ann = village("ann", most_fetching: 1)
    body, headers = stranger_delivery("#{slow.url}users/1", ann)
    request = Fedigraft::Request.new("POST", "/ap/inbox", headers: headers, body: body)
    thread = Thread.new { ann.fed.inbound.answer(request) }
    eventually { !slow.received.empty? }
    thread.kill
    thread.join
    gate = ann.fed.instance_variable_get(:@inbound_driver).instance_variable_get(:@gate)
    assert_equal 0, gate.inside
  end

  def test_a_client_that_stays_is_not_taken_for_gone
    here, there = UNIXSocket.pair
    departure = Fedigraft::Rack::Departure.of({ "puma.socket" => here })
    refute departure.call
    there.write("another request")
    refute departure.call
    there.close
    refute departure.call # its bytes are still there to read
    here.read
    assert departure.call
    here.close
    assert departure.call
    assert_nil Fedigraft::Rack::Departure.of({})
    assert_nil Fedigraft::Rack::Departure.of({ "puma.socket" => StringIO.new })
  end

  # What waits on a connection with TLS is another request or a farewell, nobody can tell; its end is the end.
  def test_a_client_that_stays_over_tls_is_not_taken_for_gone
    listener = closing(TCPServer.new("127.0.0.1", 0))
    there = closing(TCPSocket.new("127.0.0.1", listener.addr[1]))
    here = closing(listener.accept)
    departure = Fedigraft::Rack::Departure.of({ "puma.socket" => Puma::MiniSSL::Socket.new(here, nil) })
    refute departure.call
    there.write("a record")
    here.wait_readable
    refute departure.call
    there.close
    eventually { departure.call }
    here.close
    assert departure.call
    pair = UNIXSocket.pair.each { |socket| closing(socket) }
    refute Fedigraft::Rack::Departure.of({ "puma.socket" => Puma::MiniSSL::Socket.new(pair[0], nil) }).call
  end

  # Ten slow unknown actors: each delivery makes ann fetch a key that never comes.
  def test_ten_slow_unknown_actors_leave_the_hosts_pages_answering
    slow = holding(Queue.new)
    ann = village("ann", most_fetching: 2)
    served = Served.new(ann, threads: 4)
    statuses = Queue.new
    threads = Array.new(10) do |number|
      Thread.new do
        body, headers = stranger_delivery("#{slow.url}users/#{number}", ann)
        statuses << deliver(ann.port, body, headers)
      rescue StandardError
        statuses << "ended"
      end
    end
    eventually { statuses.size == 8 }
    assert_equal ["503"], Array.new(8) { statuses.pop }.uniq
    asked = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    page = Timeout.timeout(5) { Net::HTTP.get(URI("#{ann.origin}/page")) }
    assert_equal "a page of ann", page
    assert_operator Process.clock_gettime(Process::CLOCK_MONOTONIC) - asked, :<, 5
    assert_equal 2, slow.connections
    slow.close
    threads.each(&:join)
    served.close
  end

  # What the host cannot foresee is answered 503 and written to the log, never raised into the server.
  def test_nothing_is_raised_into_the_server
    ann = village("ann")
    request = Fedigraft::Request.new("GET", "/ap/users/1", headers: { "Accept" => "application/activity+json" })
    ann.fed.profile { |_db, _key| raise NotImplementedError, "later" }
    assert_equal 503, ann.fed.inbound.answer(request).status
    assert_includes @log.string, "later"
  end
end
