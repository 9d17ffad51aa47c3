# frozen_string_literal: true

# Runs the README's Ruby program (its path is the argument) as config.ru does, in the current folder, and asks it.
require "json"
require "rack"
require "sqlite3"

def expect(expected, seen)
  abort "expected #{expected.inspect}, not #{seen.inspect}" unless expected == seen
end

database = SQLite3::Database.new("chirp.db")
database.execute_batch(<<~SQL)
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'ann');
  CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER, text TEXT, at INTEGER);
  CREATE TABLE inbox (handle TEXT, html TEXT);
SQL

fed = nil
app = Rack::Builder.new do
  here = binding
  here.eval(File.read(ARGV.fetch(0)), ARGV.fetch(0))
  fed = here.local_variable_get(:fed)
  run ->(_) { [200, {}, ["a page of the host"]] }
end

browser = Rack::MockRequest.new(app.to_app)
get = lambda do |path|
  url = "https://chirp.example#{path}"
  browser.get(url, "HTTP_ACCEPT" => "application/activity+json", "REQUEST_URI" => path)
end

expect "a page of the host", get.call("/").body
found = get.call("/.well-known/webfinger?resource=acct:ann@chirp.example")
expect "acct:ann@chirp.example", JSON.parse(found.body)["subject"]
database.transaction(:immediate) do
  database.execute("INSERT INTO posts VALUES ('7', '1', 'Hello, #fediverse', 1800000000)")
  expect true, fed.publish("7", connection: database)[:federated]
end
shown = JSON.parse(get.call("/ap/posts/7").body)
expect ["Note", "2027-01-15T08:00:00Z"], shown.values_at("type", "published")
expect true, shown["content"].include?("#<span>fediverse</span>")
outbox = JSON.parse(get.call("/ap/users/1/outbox?page=true").body)
expect(["Create"], outbox["orderedItems"].map { |activity| activity["type"] })
puts "ok"
