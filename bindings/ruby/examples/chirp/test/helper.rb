# frozen_string_literal: true

# The real application with a real SQLite file, and visitors who use it as a browser does: forms with their token.

require "fileutils"
require "minitest/autorun"
require "rack/test"
require "stringio"
require "tmpdir"
require "zlib"
require_relative "../chirp"

Chirp::Password.cost = [1024, 8, 1] # real hashes, but cheap ones: most of the time would go there

# A browser with its cookies, at an application.
class Visitor
  include Rack::Test::Methods

  HOST = "chirp.example"

  attr_reader :app

  def initialize(app)
    @app = app
  end

  def build_rack_mock_session = Rack::MockSession.new(app, HOST)

  # The answer to a GET.
  def fetch(path)
    get(path)
    last_response
  end

  # The page where a GET ends.
  def follow(path)
    get(path)
    follow_redirect! while last_response.redirect?
    last_response.body
  end

  # The page at `path`, which has to answer with `status`.
  def page(path, status = 200)
    answer = fetch(path)
    raise "#{path}: #{answer.status}\n#{answer.body}" unless answer.status == status

    answer.body
  end

  # Sends a form with the token that `from` (or any page with a form) shows.
  def send_form(path, form = {}, from: "/login")
    token = follow(from)[/name="csrf" value="([^"]+)"/, 1] or raise "no form on #{from}"
    post(path, form.merge(csrf: token))
    last_response
  end

  # Sends a form that has to be taken; gives the path that one is sent to.
  def act(path, **form)
    answer = send_form(path, form)
    raise "#{path}: #{answer.status}\n#{answer.body}" unless answer.redirect?

    answer.location
  end

  def join(name, **form)
    answer = send_form("/signup", { name: name, password: "correct horse", **form }, from: "/signup")
    raise answer.body unless answer.redirect?

    self
  end

  # Publishes a post and gives its id.
  def write(text, **form) = Integer(act("/posts", text: text, **form)[%r{/(\d+)\z}, 1])
end

# A test with a site of its own.
class SiteTest < Minitest::Test
  ORIGIN = "http://#{Visitor::HOST}".freeze

  attr_reader :app, :site

  def setup
    @folder = Dir.mktmpdir("chirp-test-")
    @subscriptions = []
    @site = Chirp.configure({}, database: "#{@folder}/chirp.sqlite", media: "#{@folder}/media", origin: ORIGIN,
                                secret_key: "only for tests")
    Chirp::Database.prepare
    @app = Chirp::App.new
  end

  def teardown
    @subscriptions.each { |subscription| Chirp::Events.off(subscription) }
    @people = nil
    FileUtils.rm_rf(@folder)
  end

  # Somebody who is not logged in.
  def visitor = @visitor ||= Visitor.new(app)

  def alice = joined("alice", display_name: "Alice Martin")
  def ben = joined("ben", display_name: "Ben Okafor")
  def chloe = joined("chloe")

  def joined(name, **form) = (@people ||= {})[name] ||= Visitor.new(app).join(name, **form)

  # Work with the application's own functions.
  def reading(&block) = Chirp::Database.connect(&block)
  def writing(&block) = Chirp::Database.transaction(&block)

  def person(handle) = reading { |db| Chirp::People.by_handle(db, handle) } || flunk("there is no #{handle}")

  # A subscription that ends with the test.
  def on(event, &block) = @subscriptions << Chirp::Events.on(event, &block)

  # The uploaded files that are stored.
  def files = Dir.glob("#{site.media}/*")

  # A real PNG, with what cameras write into it if `text` is given.
  def png(width = 3, height = 2, text = nil)
    rows = ("\0".b << ("\x10\x80\x70".b * width)) * height
    extra = text ? chunk("tEXt", text) << chunk("eXIf", text) : ""
    "\x89PNG\r\n\x1A\n".b << chunk("IHDR", [width, height, 8, 2, 0, 0, 0].pack("NNC5")) << extra \
      << chunk("IDAT", Zlib.deflate(rows)) << chunk("IEND", "")
  end

  # A file field of a form.
  def file(data = png, name = "picture.png")
    Rack::Test::UploadedFile.new(StringIO.new(data.b), "image/png", true, original_filename: name)
  end

  private

  def chunk(kind, data) = [data.bytesize].pack("N") << kind << data.b << [Zlib.crc32(kind + data.b)].pack("N")
end
