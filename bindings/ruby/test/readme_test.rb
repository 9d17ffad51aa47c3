# frozen_string_literal: true

# The programs that the README shows do what it says.
require_relative "helper"
require "rack"
require "rack/mock"
require "sidekiq/testing"

class ReadmeTest < FedigraftTest
  BLOCKS = File.read(File.join(GEM, "README.md"), encoding: "UTF-8").scan(/```ruby\n(.*?)```/m).flatten
  TABLES = <<~SQL
    CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, bio TEXT); INSERT INTO users VALUES (1, 'ann', 'Hello');
    CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER, text TEXT, at TEXT); CREATE TABLE inbox (handle TEXT, html TEXT);
  SQL

  def setup
    super
    Sidekiq::Testing.fake!
    Object.send(:remove_const, :FED) if Object.const_defined?(:FED)
    Object.send(:remove_const, :POST) if Object.const_defined?(:POST)
  end

  def block(containing)
    BLOCKS.find { |text| text.include?(containing) } or flunk "the README shows no #{containing}"
  end

  # The first program, as a server would run it, in a folder with the tables it wants.
  def running
    Dir.chdir(@folder) do
      SQLite3::Database.new("chirp.db").execute_batch(TABLES)
      app = Rack::Builder.new_from_string(block("# config.ru"))
      yield Rack::MockRequest.new(app)
    end
  end

  def get(app, path)
    app.get("https://chirp.example#{path}", "HTTP_ACCEPT" => "application/activity+json")
  end

  def test_the_first_lines_federate_a_server
    running do |app|
      assert_equal "a page of the host", get(app, "/").body
      found = get(app, "/.well-known/webfinger?resource=acct:ann@chirp.example")
      assert_equal "acct:ann@chirp.example", JSON.parse(found.body)["subject"]
      scope = binding
      scope.local_variable_set(:db, SQLite3::Database.new("chirp.db"))
      scope.eval(block("db.transaction do"))
      note = get(app, "/ap/posts/7")
      assert_equal 200, note.status
      assert_includes JSON.parse(note.body)["content"], "#<span>fediverse</span>"
      outbox = get(app, "/ap/users/1/outbox?page=true")
      assert_equal "Create", JSON.parse(outbox.body)["orderedItems"][0]["type"]
      scope.eval(block("Fedigraft::Sidekiq.attach"))
      assert_same Object.const_get(:FED), Fedigraft::Sidekiq.federation
    end
  end

  def test_only_signing
    scope = binding
    scope.eval(block("key = Fedigraft::PrivateKey.generate"))
    assert_equal "you.example", scope.local_variable_get(:headers)["Host"]
    scope.eval(block('require "fedigraft/faraday"'))
    scope.eval(block('require "fedigraft/net_http"'))
    assert_includes scope.local_variable_get(:request)["Signature"], "me.example"
    assert_instance_of Faraday::Connection, scope.local_variable_get(:client)
  end

  def test_sinatra
    require "sinatra/base"
    running do
      builder = Rack::Builder.new_from_string(block("Sinatra::Base"))
      Object.const_get(:Chirp).enable(:sessions)
      app = Rack::MockRequest.new(builder)
      page = app.get("/")
      assert_equal "a page of the host", page.body
      actor = get(app, "/ap/users/1")
      assert_equal 200, actor.status
      # Sinatra's own are for its pages only.
      own = %w[Set-Cookie X-Content-Type-Options]
      assert_equal [[true, true], [false, false]], [page, actor].map { |it| own.map { |name| it.headers.key?(name) } }
    ensure
      Object.send(:remove_const, :Chirp) if Object.const_defined?(:Chirp)
    end
  end

  # What is shown of Rails is what the application of rails_test.rb runs; here its syntax is checked.
  def test_every_block_is_ruby
    BLOCKS.each { |text| assert RubyVM::InstructionSequence.compile(text) }
  end
end
