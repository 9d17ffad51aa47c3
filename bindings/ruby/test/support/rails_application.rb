# frozen_string_literal: true

# A small Rails application that federates, and what must hold in it. Run by rails_test.rb.
require "logger"
require "rails"
require "active_record/railtie"
require "action_controller/railtie"
require "rack/mock"
require "fedigraft"

# The application.
class App < Rails::Application
  config.eager_load = false
  config.secret_key_base = "x" * 30
  config.hosts.clear
  config.logger = Logger.new(File::NULL)
  config.fedigraft.origin = "https://chirp.example"
  config.fedigraft.name = "Chirp"
  routes.append { root to: ->(_env) { [200, {}, ["a page of Rails"]] } }
end

settings = { adapter: ENV.fetch("APP_ADAPTER"), pool: 5 }
if settings[:adapter] == "postgresql"
  ENV.fetch("APP_DATABASE").split.to_h { |pair| pair.split("=") }.then do |dsn|
    settings.update(host: dsn["host"], port: dsn["port"], username: dsn["user"], database: dsn["dbname"],
                    schema_search_path: "rails_app", min_messages: "warning")
  end
else
  settings.update(database: ENV.fetch("APP_DATABASE"), timeout: 5000)
end
ENV["DATABASE_URL"] = "sqlite3::memory:" # in place of a config/database.yml
App.initialize!
ActiveRecord::Base.establish_connection(settings)
App.define_singleton_method(:check) { |what, truth| truth or raise "it does not hold that #{what}" }

db = ActiveRecord::Base.connection
if settings[:adapter] == "postgresql"
  db.execute("DROP SCHEMA IF EXISTS rails_app CASCADE")
  db.execute("CREATE SCHEMA rails_app")
end
db.create_table(:people) { |t| t.string :name }
db.create_table(:notes) do |t|
  t.references :person
  t.text :text
  t.datetime :created_at
end
db.create_table(:told) { |t| t.string :type_name }

class Person < ActiveRecord::Base; end

# Publishes itself, in the transaction that stores it.
class Note < ActiveRecord::Base
  belongs_to :person
  after_create { Fedigraft.federation.publish(id) }
end

class Told < ActiveRecord::Base
  self.table_name = "told"
end

fed = Fedigraft.federation
fed.profile do |_db, key|
  person = key.start_with?("@") ? Person.find_by(name: key.delete_prefix("@")) : Person.find_by(id: key)
  person && Fedigraft::Profile.new(id: person.id, username: person.name, federated: true)
end
fed.post do |_db, id|
  note = Note.find_by(id: id)
  note && Fedigraft::Post.new(
    id: note.id, author: note.person_id, visibility: :public, content: note.text, published: note.created_at
  )
end
fed.posts { |_db, _author, _cursor| Fedigraft::Posts.new([]) }

ann = Person.create!(name: "ann")
app = Rack::MockRequest.new(App)
json = { "HTTP_ACCEPT" => "application/activity+json" }
host = "https://chirp.example"

App.check "a page of the host is served", app.get("#{host}/").body == "a page of Rails"
App.check "an actor is served", JSON.parse(app.get("#{host}/ap/users/#{ann.id}", json).body)["preferredUsername"] == "ann"
App.check "connections go back to their pool", ActiveRecord::Base.connection_pool.stat[:busy] <= 1

jobs = -> { db.select_value("SELECT COUNT(*) FROM fedigraft_jobs").to_i }
database = fed.instance_variable_get(:@database)
database.transaction do |session|
  follow = { "v" => 1, "state" => "accepted", "activity" => "x", "at" => 1 }
  key = "https://a.example/u #{fed.instance.uri("actor", ann.id)}"
  Fedigraft::Store.apply(session, [{ "op" => "put", "name" => "follow", "key" => key, "value" => follow }], 0)
end

note = Note.create!(person: ann, text: "Hello")
App.check "a callback publishes in the transaction of its record", jobs.call == 1
App.check "the post is served", app.get("#{host}/ap/posts/#{note.id}", json).status == 200
Note.transaction do
  Note.create!(person: ann, text: "Never mind")
  raise ActiveRecord::Rollback
end
App.check "a rollback takes the publication back", jobs.call == 1 && Note.count == 1
Note.transaction { fed.publish(note.id, connection: Note.connection) }
begin
  fed.publish(note.id, connection: Note.connection)
  raise "no transaction was open"
rescue Fedigraft::InvalidArgument => e
  App.check "outside a transaction nothing is joined", e.reason == "no_transaction"
end
begin
  Note.transaction { fed.follow(ann.id, "https://a.example/u") }
rescue Fedigraft::Refused => e
  App.check "nothing is fetched inside a transaction", e.reason == "fetch_in_transaction"
end

begin
  database.transaction do |session|
    Fedigraft::Store.enter_once(session, ["quietly"], 0)
    Told.create!(type_name: "x")
    raise ActiveRecord::Rollback
  end
rescue Fedigraft::Failed => e
  App.check "a quiet rollback is told aloud", e.reason == "rolled_back" && Told.count.zero?
end

# Active Record 6 waits for a busy SQLite file with the interpreter's lock held: threads that write there are no case of ours.
count = settings[:adapter] == "postgresql" ? 4 : 1
before = jobs.call
Array.new(count) { Thread.new { 3.times { Note.create!(person: ann, text: "At once") } } }.each(&:join)
App.check "threads share the pool", jobs.call == before + (3 * count)
App.check "the worker runs under the executor", fed.drain.positive? && jobs.call.zero?
App.check "the log is that of Rails", Fedigraft.logger.equal?(Rails.logger)
puts "rails: ok"
