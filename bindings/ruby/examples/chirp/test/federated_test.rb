# frozen_string_literal: true

require_relative "helper"
require "json"
require "open3"

# chirp with federate.rb in front: what a visitor, another server and the database see.
class FederatedTest < SiteTest
  # Runs in a process of its own: federate.rb reads its settings when it is loaded.
  PROGRAM = <<~'RUBY'
    require "json"
    require "rack/test"
    require_relative "federate"
    include Chirp

    Database.prepare
    out = {}

    def jobs(db)
      db.get_first_value("SELECT count(*) FROM fedigraft_jobs")
    rescue SQLite3::SQLException
      0 # the tables were made in the transaction that was rolled back
    end

    def write(db, who, text) = Posts.publish(db, who, Draft.new(text: text))

    ann, ben = Database.transaction do |db|
      { "ann" => true, "ben" => false }.map { |name, agreed| People.sign_up(db, name, "swallows and swifts", federated: agreed) }
    end
    begin
      Database.transaction do |db|
        write(db, ann, "rolled back")
        out[:inside] = jobs(db)
        raise ZeroDivisionError
      end
    rescue ZeroDivisionError
      out[:after_rollback] = Database.connect { |db| jobs(db) }
    end
    Database.transaction do |db|
      write(db, ann, "kept")
      write(db, ben, "only here")
    end
    out[:after_commit] = Database.connect { |db| jobs(db) }

    browser = Rack::Test::Session.new(Rack::MockSession.new(Federate::APP, "chirp.example"))
    get = ->(path) { browser.get(path, {}, "HTTPS" => "on") }
    seen = lambda do |name, number|
      paths = ["/.well-known/webfinger?resource=acct:#{name}@chirp.example"]
      paths += ["", "/outbox", "/followers", "/following"].map { |rest| "/ap/users/#{number}#{rest}" }
      statuses = paths.map { |path| get.call(path).status }
      header = { "CONTENT_TYPE" => "application/activity+json", "HTTPS" => "on", input: "{}" }
      statuses << browser.post("/ap/users/#{number}/inbox", {}, header).status
    end
    out.update(ann: seen.call("ann", ann.id), ben: seen.call("ben", ben.id), nobody: seen.call("nobody", 99))
    out[:page] = get.call("/@ann").status
    out[:outbox] = JSON.parse(get.call("/ap/users/#{ann.id}/outbox").body)["totalItems"]
    puts JSON.generate(out)
  RUBY

  def test_the_graft
    environment = { "CHIRP_ORIGIN" => "https://chirp.example", "CHIRP_DATABASE" => "#{@folder}/other.sqlite",
                    "CHIRP_MEDIA" => "#{@folder}/media", "SECRET_KEY" => "for this test" }
    printed, complaint, done = Open3.capture3(environment, "ruby", "-e", PROGRAM, chdir: Chirp::ROOT)
    assert_predicate done, :success?, complaint
    out = JSON.parse(printed.lines.last, symbolize_names: true)
    # What the library plans lives and dies with the host's transaction.
    assert_equal [1, 0, 1], out.values_at(:inside, :after_rollback, :after_commit)
    # Who does not federate is as missing as who does not exist.
    assert_equal [200, 200, 200, 200, 200, 400], out[:ann]
    assert_equal [[404] * 6] * 2, out.values_at(:ben, :nobody)
    assert_equal [200, 1], out.values_at(:page, :outbox)
    tables = SQLite3::Database.new("#{@folder}/other.sqlite").execute("SELECT name FROM sqlite_master").flatten
    assert_empty %w[posts fedigraft_follows] - tables
  end

  def test_the_glue_is_short_and_shown
    glue = File.readlines(File.join(Chirp::ROOT, "federate.rb"), encoding: "UTF-8", chomp: true)
    assert_operator glue.size, :<=, 91
    shown = File.read(File.join(Chirp::ROOT, "README.md"), encoding: "UTF-8")[/```diff\n(.*?)```/m, 1].lines(chomp: true)
    assert_equal glue.map { |line| "+#{line}" }, shown.drop(3)
  end

  # Where both stand side by side, both have the same tables and looks.
  def test_the_same_tables_and_looks_as_in_other_languages
    python = File.expand_path("../../../python/examples/chirp/chirp", Chirp::ROOT)
    skip "the Python chirp is not here" unless File.directory?(python)
    { "schema.sql" => "lib/chirp/schema.sql", "static/chirp.css" => "public/static/chirp.css",
      "static/bird.svg" => "public/static/bird.svg" }.each do |theirs, ours|
      assert_equal File.binread(File.join(python, theirs)), File.binread(File.join(Chirp::ROOT, ours)), ours
    end
  end
end
