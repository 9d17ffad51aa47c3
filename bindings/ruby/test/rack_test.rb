# frozen_string_literal: true

# The middleware: conformant to Rack, blind to bodies that are not its own, behind a real Puma, single and forked.
require_relative "helper"
require "net/http"
require "rack"
require "rack/lint"
require "rack/mock"
require_relative "support/puma_process"

class RackTest < FedigraftTest
  ACCEPT = { "Accept" => "application/activity+json" }.freeze

  def unsigned(actor, followee)
    JSON.generate({
      "@context": "https://www.w3.org/ns/activitystreams", id: "#{actor}#f", type: "Follow", actor: actor, object: followee
    })
  end

  # A Follow signed by somebody whose key has to be fetched first.
  def by_stranger(stranger, ann)
    body = unsigned(stranger, ann.actor)
    key = (@key ||= Fedigraft::PrivateKey.generate)
    [body, Fedigraft.sign(key, "#{stranger}#main-key", "POST", "#{ann.origin}/ap/inbox", body: body)]
  end

  def ask(port, method, target, body = nil, headers = {})
    Net::HTTP.start("127.0.0.1", port, read_timeout: 20) do |http|
      http.send_request(method, target, body, headers.transform_keys(&:to_s))
    end
  end

  def linted(village)
    Rack::MockRequest.new(Rack::Lint.new(village.fed.rack(Rack::Lint.new(->(_env) { [200, { "vary" => "Cookie" }, ["page"]] }))))
  end

  def test_it_conforms_to_rack_on_both_sides
    ann = village("ann", paths: { post: "/posts/{id}" })
    ann.write("Hello")
    app = linted(ann)
    actor = "/ap/users/1"
    assert_equal 200, app.get(actor, "HTTP_ACCEPT" => ACCEPT["Accept"]).status
    assert_equal ["", 200], app.head(actor, "HTTP_ACCEPT" => ACCEPT["Accept"]).then { |it| [it.body, it.status] }
    etag = app.get(actor, "HTTP_ACCEPT" => ACCEPT["Accept"])["etag"]
    assert_equal 304, app.get(actor, "HTTP_ACCEPT" => ACCEPT["Accept"], "HTTP_IF_NONE_MATCH" => etag).status
    assert_equal 404, app.get("/ap/users/2", "HTTP_ACCEPT" => ACCEPT["Accept"]).status
    assert_equal 200, app.get("/.well-known/webfinger?resource=acct:ann@127.0.0.1:#{ann.port}").status
    assert_equal 415, app.post("/ap/inbox", input: "{}").status
    assert_includes [400, 401],
                    app.post("/ap/inbox", input: unsigned("https://a.example/u", ann.actor),
                                          "CONTENT_TYPE" => ACCEPT["Accept"]).status
    assert_equal 405, app.delete("/ap/inbox").status
    assert_equal 413, app.post("/ap/inbox", input: "x" * 1_100_000).status
    assert_equal "page", app.get("/other").body
    page = app.get("/posts/1", "HTTP_ACCEPT" => "text/html")
    assert_equal ["page", "Cookie, Accept"], [page.body, page["vary"]]
  end

  # The application reads the stream itself: what the middleware had read would be missing.
  def test_a_page_gets_its_body_and_the_middleware_none_of_it
    ann = village("ann")
    input = Object.new
    def input.method_missing(name, *) = raise("the middleware called #{name}")
    def input.respond_to_missing?(*) = true
    env = {
      "REQUEST_METHOD" => "POST", "PATH_INFO" => "/upload", "REQUEST_URI" => "/upload", "CONTENT_LENGTH" => (2**30).to_s,
      "rack.input" => input, "SERVER_SOFTWARE" => "test"
    }
    same = nil
    app = ann.fed.rack(->(given) { (same = given.equal?(env)) && [200, {}, ["untouched"]] })
    assert_equal ["untouched"], app.call(env)[2]
    assert same
    env["CONTENT_LENGTH"] = "5"
    assert_equal ["untouched"], app.call(env)[2]
  end

  # The host answers what only it can, and a hostile byte is no reason to fail.
  def test_what_cannot_be_read_is_the_hosts
    ann = village("ann")
    app = ann.fed.rack(->(_env) { [200, {}, ["page"]] })
    page = { "REQUEST_METHOD" => "GET", "PATH_INFO" => "/x", "REQUEST_URI" => "/x", "SERVER_SOFTWARE" => "test" }
    ["G\xFF", "G\xFF".b, nil].each { |method| assert_equal ["page"], app.call(page.merge("REQUEST_METHOD" => method))[2] }
    [["REMOTE_ADDR", "\xFF"], ["HTTP_X", "\xFF\0"], ["HTTP_\xFF", "x"], ["REQUEST_URI", "/\xFF"], ["REQUEST_URI", "*"],
     ["HTTP_X", "a".encode("UTF-16LE")]].each { |field| assert_equal ["page"], app.call(page.merge([field].to_h))[2], field[0] }
    inbox = { "REQUEST_METHOD" => "POST", "PATH_INFO" => "/ap/inbox", "REQUEST_URI" => "/ap/inbox" }
    assert_equal 400, app.call(inbox.merge("CONTENT_LENGTH" => "\xFF", "rack.input" => StringIO.new))[0]
    left = Object.new
    def left.read(*) = raise(EOFError)
    assert_equal 400, app.call(inbox.merge("CONTENT_LENGTH" => "5", "rack.input" => left))[0]
  end

  def test_bodies_with_and_without_a_length
    ann = village("ann")
    env = { "REQUEST_METHOD" => "POST", "PATH_INFO" => "/ap/inbox", "REQUEST_URI" => "/ap/inbox",
            "CONTENT_TYPE" => ACCEPT["Accept"] }
    app = ann.fed.rack(->(_env) { flunk })
    status = ->(more) { app.call(env.merge(more))[0] }
    reads = []
    counted = StringIO.new("x" * 2_000_000)
    counted.define_singleton_method(:read) { |size| reads << size and super(size) }
    assert_equal 413, status.call("CONTENT_LENGTH" => (2**30).to_s, "rack.input" => counted)
    assert_empty reads
    assert_equal 413, status.call("rack.input" => counted)
    assert_operator counted.pos, :<, 1_200_000
    assert_equal 400, status.call("CONTENT_LENGTH" => "-1", "rack.input" => StringIO.new)
    assert_equal 400, status.call("CONTENT_LENGTH" => "10", "rack.input" => StringIO.new("short"))
    assert_includes [400, 401], status.call({}) # Rack 3 may leave rack.input out
  end

  # A body that comes in pieces is put together.
  def test_a_body_that_comes_in_pieces
    ann = village("ann")
    pieces = StringIO.new("x" * 1000)
    pieces.define_singleton_method(:read) { |size| super([size, 7].min) }
    seen = nil
    inbound = ann.fed.inbound
    inbound.define_singleton_method(:answer) { |request, **rest| (seen = request.body.bytesize) && super(request, **rest) }
    ann.fed.rack(nil).call({
      "REQUEST_METHOD" => "POST", "REQUEST_URI" => "/ap/inbox", "CONTENT_LENGTH" => "1000", "rack.input" => pieces
    })
    assert_equal 1000, seen
  end

  def test_a_target_with_escapes_arrives_raw_and_without_it_a_warning_names_the_remedy
    ann = village("ann")
    app = ann.fed.rack(nil)
    target = "/ap/inbox?x=%2F%41"
    base = { "REQUEST_METHOD" => "POST", "PATH_INFO" => "/ap/inbox", "QUERY_STRING" => "x=%2F%41" }
    seen = [{ "REQUEST_URI" => target }, { "RAW_URI" => "#{ann.origin}#{target}" }, {}].map do |extra|
      app.send(:request, base.merge(extra)).target
    end
    assert_equal [target] * 3, seen
    assert_includes @log.string, "REQUEST_URI"
    @log.truncate(0)
    app.send(:request, base)
    assert_empty @log.string
    env = base.merge("SCRIPT_NAME" => "/a b", "PATH_INFO" => "/é")
    assert_equal "/a%20b/%C3%A9?x=%2F%41", app.send(:request, env).target
    assert_equal "/?a", app.send(:request, { "REQUEST_METHOD" => "GET", "REQUEST_URI" => "http://a.example?a" }).target
  end

  def test_only_what_was_a_header_is_one
    env = {
      "REQUEST_METHOD" => "GET", "REQUEST_URI" => "/", "HTTP_VERSION" => "HTTP/1.1", "HTTP_X_A" => "1", "CONTENT_TYPE" => "a/b",
      "CONTENT_LENGTH" => "", "rack.input" => nil, "HTTP_ODD" => nil
    }
    assert_equal({ "x-a" => "1", "content-type" => "a/b" }, village("ann").fed.rack(nil).send(:request, env).headers.to_h)
  end

  # Header values are bytes, whatever encoding a server gives them.
  def test_header_bytes_cross_as_they_are
    ann = village("ann")
    values = ["é", "é".b, "\xE9".b, "\xE9".dup.force_encoding("UTF-8")]
    heads = values.map do |value|
      env = { "REQUEST_METHOD" => "GET", "REQUEST_URI" => "/", "HTTP_X_NAME" => value }
      ann.fed.rack(nil).send(:request, env).head[:headers].to_h["x-name"]
    end
    assert_equal ["Ã©", "Ã©", "é", "é"], heads
    assert_equal "\xE9".b, Fedigraft::Native.from_latin1("é")
  end

  def test_vary_is_added_once
    app = village("ann").fed.rack(nil)
    merged = ->(headers) { app.send(:merged, headers, [%w[vary Accept]]) }
    assert_equal({ "vary" => "Accept" }, merged.call({}))
    assert_equal({ "Vary" => "Cookie, Accept" }, merged.call({ "Vary" => "Cookie" }))
    assert_equal({ "Vary" => "accept" }, merged.call({ "Vary" => "accept" }))
    assert_equal({ "Vary" => "*" }, merged.call({ "Vary" => "*" }))
    assert_equal({ "vary" => "Cookie, Accept" }, merged.call({ "vary" => ["Cookie"] }))
  end

  { single: 0, cluster: 2 }.each do |kind, workers|
    define_method("test_puma_#{kind}_serves_pages_and_federation") do
      ann = village("ann")
      bob = served("bob")
      server = closing(PumaProcess.new(ann, workers: workers))
      assert_equal ["200", "a page of ann"], ask(ann.port, "GET", "/some/page?x=1").then { |it| [it.code, it.body] }
      20.times do
        actor = ask(ann.port, "GET", "/ap/users/1", nil, ACCEPT)
        assert_equal %w[200 ann], [actor.code, JSON.parse(actor.body)["preferredUsername"]]
      end
      assert_nil ask(ann.port, "HEAD", "/ap/users/1", nil, ACCEPT).body
      assert_equal "401",
                   ask(ann.port, "POST", "/ap/inbox", unsigned(bob.actor, ann.actor), "Content-Type" => ACCEPT["Accept"]).code
      # A signed delivery passes through this server, raw target and all.
      bob.fed.follow("1", ann.actor)
      bob.fed.drain
      assert_equal ["followed"], ann.told
      assert_equal workers, server.children.size
    end
  end

  def test_puma_refuses_a_body_over_the_limit_unread
    ann = served("ann")
    socket = closing(TCPSocket.new("127.0.0.1", ann.port))
    socket.write("POST /ap/inbox HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = "#{100_000.to_s(16)}\r\n#{"x" * 100_000}\r\n"
    11.times { socket.write(chunk) }
    socket.write("0\r\n\r\n")
    assert_match(/\AHTTP\S+ 413 /, socket.gets)
  end

  def test_vary_is_added_where_one_url_serves_both
    ann = served("ann", paths: { post: "/posts/{id}" })
    answer = ask(ann.port, "GET", "/posts/1", nil, "Accept" => "text/html")
    assert_equal ["Accept", "a page of ann"], [answer["vary"], answer.body]
    assert_nil ask(ann.port, "GET", "/other", nil, "Accept" => "text/html")["vary"]
  end

  def test_when_the_database_is_away_the_sender_comes_again
    ann = served("ann")
    bob = served("bob")
    ann.fail = "profile"
    answer = ask(ann.port, "GET", "/ap/users/1", nil, ACCEPT)
    assert_equal "503", answer.code
    assert_operator answer["retry-after"].to_i, :>, 0
    ann.fail = nil
    bob.fed.look_up(ann.handle)
    ann.fail = "followed"
    bob.fed.follow("1", ann.actor)
    bob.fed.drain
    assert_includes @log.string, "the handler fails"
    assert_empty ann.told
    assert_equal [0, 0, 0], %w[fedigraft_follows fedigraft_once fedigraft_deliveries].map { |table| ann.count(table) }
    ann.fail = nil
    ann.hours = bob.hours = 1
    assert_equal 1, bob.fed.drain
    assert_equal ["followed"], ann.told
  end

  # The federation may be made at the first request only, as in Rails.
  def test_a_federation_made_late
    ann = village("ann")
    app = Fedigraft::Rack::Middleware.new(->(_env) { [200, {}, ["page"]] }, -> { ann.fed })
    env = { "REQUEST_METHOD" => "GET", "REQUEST_URI" => "/ap/users/1", "HTTP_ACCEPT" => ACCEPT["Accept"] }
    assert_equal [200, 200], Array.new(2) { app.call(env)[0] }
  end
end
