# frozen_string_literal: true

require "fileutils"
require "securerandom"
require "uri"

module Chirp
  # Every setting with its default; the environment overrides it as CHIRP_DATABASE, CHIRP_ORIGIN …, and SECRET_KEY.
  DEFAULTS = {
    database: File.join(ROOT, "instance", "chirp.sqlite"), # path of the SQLite file
    media: File.join(ROOT, "instance", "media"), # folder of the uploaded pictures
    origin: "http://localhost:5000", # how the world reaches this site: scheme, host, port
    name: "Chirp", # what the site is called
    about: "A small, friendly place to write to each other.",
    sign_up: true, # whether anybody may sign up
    post_length: 1000, # characters of a post
    image_sources: "https:", # where pictures from elsewhere may come from (CSP img-src)
    federated: false, # whether people are asked if other sites may reach them
    secret_key: nil # encrypts the session cookies; made once and kept beside the database when there is none
  }.freeze

  # The settings of this site.
  Settings = Struct.new(*DEFAULTS.keys, keyword_init: true) do
    def self.from(environment)
      given = DEFAULTS.filter_map do |name, default|
        text = environment[name == :secret_key ? "SECRET_KEY" : "CHIRP_#{name.upcase}"]
        [name, convert(text, default)] if text
      end
      new(**DEFAULTS, **given.to_h)
    end

    # The text of an environment variable as a value of the default's type.
    def self.convert(text, default)
      case default
      when true, false then %w[1 yes true on].include?(text.strip.downcase)
      when Integer then Integer(text)
      else text
      end
    end

    # The domain of own people, with the port if the origin names one.
    def home = origin.delete_prefix("#{URI(origin).scheme}://")

    # The port that the origin names; nil when it is the usual one.
    def port = home[/:(\d+)\z/, 1]&.to_i

    # The name of the session cookie. (Cookies do not tell ports apart.)
    def cookie = ["chirp", port].compact.join("_")

    def https? = origin.start_with?("https:")

    # The key of the session cookies: secret_key, or one that is made once and kept beside the database.
    def session_key
      self.secret_key = kept_key("#{database}.key") if secret_key.to_s.empty?
      secret_key
    end

    private

    def kept_key(path)
      return File.read(path) if File.exist?(path)

      FileUtils.mkdir_p(File.dirname(path))
      draft = "#{path}.#{SecureRandom.hex(4)}"
      File.write(draft, SecureRandom.hex(32), perm: 0o600, mode: File::WRONLY | File::CREAT | File::EXCL)
      begin
        File.link(draft, path)
      rescue Errno::EEXIST
        # Another process was first.
      end
      File.unlink(draft)
      File.read(path)
    end
  end

  class << self
    # The settings of this site, read from the environment at first use.
    def settings = @settings ||= configure

    # Sets the settings: from the environment, then as given.
    def configure(environment = ENV, **given)
      @settings = Settings.from(environment).tap do |settings|
        given.each { |name, value| settings[name] = value }
        settings.origin = settings.origin.chomp("/")
      end
    end
  end
end
