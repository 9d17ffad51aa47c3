# frozen_string_literal: true

require "json"

# A small host to federate: people and posts in its own database, and what it was told.
#
# One is +Village.new(folder, "ann", port)+. Its +app+ is a Rack application; the tables of the store lie beside its own
# in the same SQLite file, or in a schema of its own of the PostgreSQL that +postgres:+ names.
class Village
  TABLES = <<~SQL
    CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY, name TEXT UNIQUE, locked INTEGER DEFAULT 0);
    CREATE TABLE IF NOT EXISTS posts (
      id TEXT PRIMARY KEY, author TEXT, text TEXT, visibility TEXT DEFAULT 'public', reply_to TEXT,
      mention TEXT, published TEXT, updated TEXT);
    CREATE TABLE IF NOT EXISTS told (id TEXT PRIMARY KEY, at TEXT, type TEXT, detail TEXT);
  SQL

  attr_reader :path, :name, :port, :origin, :fed, :app, :page_bodies
  attr_accessor :fail, :hours

  def initialize(folder, name, port, postgres: nil, policy: "development", **options)
    @path = File.join(folder, "#{name}.db")
    @name = name
    @port = port
    @origin = "http://127.0.0.1:#{port}"
    @postgres = postgres
    @hours = 0
    @page_bodies = []
    make_tables
    @fed = Fedigraft::Federation.new(
      @origin, name: name, account_domain: "127.0.0.1:#{port}", database: -> { connect }, policy: policy,
               clock: -> { Time.now.to_f + (3600 * @hours) }, **options
    )
    register
    @app = @fed.rack(method(:page))
  end

  def connect
    @postgres ? connect_postgres : connect_sqlite
  end

  # A connection with a transaction, committed after the block.
  def transaction
    db = connect
    begin
      given = nil
      db.transaction { given = yield db }
      given
    ensure
      db.close
    end
  end

  def actor
    fed.instance.uri("actor", "1")
  end

  def handle
    "@#{name}@127.0.0.1:#{port}"
  end

  def database
    fed.instance_variable_get(:@database)
  end

  # The private PEM of its person.
  def pem
    database.session { |session| Fedigraft::Keyring.pem(session, actor, 0) }
  end

  # What its people do: stores a post and publishes it, in one transaction.
  def write(text, **columns)
    transaction do |db|
      post = insert(db, text, **columns)
      fed.publish(post, connection: db)
      post
    end
  end

  def insert(db, text, **columns)
    id = (rows_of(db, "SELECT COUNT(*) FROM posts").first.first.to_i + 1).to_s
    row = { id: id, author: "1", text: text, published: Time.now.utc.iso8601(6), **columns }
    marks = Array.new(row.size, "?").join(", ")
    rows_of(db, "INSERT INTO posts (#{row.keys.join(", ")}) VALUES (#{marks})", *row.values)
    load_post(db, id)
  end

  def load_profile(db, key)
    raise "the database is away" if @fail == "profile"

    column = key.start_with?("@") ? "name" : "id"
    id, found, locked = rows_of(db, "SELECT id, name, locked FROM people WHERE #{column} = ?", key.delete_prefix("@")).first
    id && Fedigraft::Profile.new(
      id: id, username: found, display_name: found.capitalize, federated: true, locked: locked.to_i == 1
    )
  end

  def load_post(db, key)
    columns = "id, author, text, visibility, reply_to, mention, published, updated"
    row = rows_of(db, "SELECT #{columns} FROM posts WHERE id = ?", key).first
    row && as_post(*row)
  end

  def load_posts(db, profile, cursor)
    ids = rows_of(
      db, "SELECT id FROM posts WHERE author = ? AND visibility = 'public' AND CAST(id AS INTEGER) < ? " \
          "ORDER BY CAST(id AS INTEGER) DESC LIMIT 20", profile, (cursor || (2**30)).to_i
    ).map(&:first)
    Fedigraft::Posts.new(ids.map { |id| load_post(db, id) }, next: ids.size == 20 ? ids.last : nil)
  end

  # What it was told, by type, in order.
  def told
    rows("SELECT type FROM told ORDER BY at").map(&:first)
  end

  def detail(type)
    rows("SELECT detail FROM told WHERE type = ? ORDER BY at DESC", type).first.first
  end

  def rows(sql, *parameters)
    db = connect
    rows_of(db, sql, *parameters)
  ensure
    db.close
  end

  def count(table)
    rows("SELECT COUNT(*) FROM #{table}").first.first.to_i
  end

  def page(env)
    size = 0
    buffer = String.new
    size += buffer.bytesize while env["rack.input"]&.read(65_536, buffer)
    @page_bodies << size
    [200, { "content-type" => "text/plain" }, ["a page of #{name}"]]
  end

  private

  def register
    fed.profile { |db, key| load_profile(db, key) }
    fed.post { |db, key| load_post(db, key) }
    fed.posts { |db, profile, cursor| load_posts(db, profile, cursor) }
    fed.blocked { |_db, key| key == "blocked.example" }
    Fedigraft::Events::CLASSES.each_value { |event| fed.on(event) { |db, told| hear(db, told) } }
  end

  def hear(db, event)
    raise "the handler fails" if @fail == event.type.to_s

    rows_of(db, "INSERT INTO told (id, at, type, detail) VALUES (?, ?, ?, ?)", SecureRandom.hex(8),
            format("%.9f", Process.clock_gettime(Process::CLOCK_REALTIME)), event.type.to_s, event.inspect)
  end

  def make_tables
    db = connect
    TABLES.split(/;\s*$/).each { |statement| rows_of(db, statement) unless statement.strip.empty? }
    rows_of(db, "INSERT INTO people (id, name) VALUES ('1', ?) ON CONFLICT DO NOTHING", name)
  ensure
    db.close
  end

  def rows_of(db, sql, *parameters)
    return db.execute(sql, parameters) unless @postgres

    number = 0
    db.exec_params(sql.gsub("?") { "$#{number += 1}" }, parameters).values
  end

  def connect_sqlite
    SQLite3::Database.new(@path).tap do |db|
      db.busy_handler do |tries|
        sleep 0.005
        tries < 4000
      end
    end
  end

  def connect_postgres
    PG.connect(@postgres).tap do |db|
      db.set_notice_receiver { |_| nil }
      db.exec("CREATE SCHEMA IF NOT EXISTS #{name}")
      db.exec("SET search_path TO #{name}")
    end
  end

  def as_post(id, author, text, visibility, reply_to, mention, published, updated)
    Fedigraft::Post.new(
      id: id, author: author, visibility: visibility, content: text, in_reply_to: reply_to,
      mentions: mention ? [Fedigraft::Mention.new(uri: mention)] : [],
      published: published && Time.iso8601(published), updated: updated && Time.iso8601(updated)
    )
  end
end
