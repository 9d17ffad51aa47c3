# frozen_string_literal: true

require "io/console"
require "optparse"
require_relative "app"
require_relative "database"
require_relative "people"
require_relative "server"

module Chirp
  # The commands of whoever runs chirp: `init-db`, `serve`, `work`, `add-person`, `set-password`.
  class Commands
    USAGE = <<~TEXT.freeze
      ruby #{File.basename($PROGRAM_NAME)} init-db
      ruby #{File.basename($PROGRAM_NAME)} serve [--listen HOST:PORT] [--cert PEM --key PEM] [--worker]
      ruby #{File.basename($PROGRAM_NAME)} work
      ruby #{File.basename($PROGRAM_NAME)} add-person NAME [--password PASSWORD] [--display-name NAME] [--federated]
      ruby #{File.basename($PROGRAM_NAME)} set-password NAME [--password PASSWORD]
    TEXT

    # The command line cannot be understood, or not done.
    class Failed < StandardError; end

    # Runs what the command line says. `worker` does what is to be done beside the requests, if there is such a thing:
    # `work` does it until SIGTERM, `worker { … }` while the block runs.
    def self.run(arguments, app: App, worker: nil)
      new(app, worker).run(arguments.dup)
    rescue Failed, Refused, Database::NotPrepared, OptionParser::ParseError => e
      abort "error: #{e.message}"
    end

    def initialize(app, worker)
      @app = app
      @worker = worker
      @options = {}
    end

    def run(arguments)
      parser.parse!(arguments, into: @options)
      case arguments
      in ["init-db"] then init_db
      in ["serve"] then serve
      in ["work"] then work
      in ["add-person", name] then add_person(name)
      in ["set-password", name] then new_password(name)
      else raise Failed, "no such command\n#{USAGE}"
      end
    end

    private

    def parser
      OptionParser.new do |options|
        options.banner = USAGE
        options.on("--listen HOST:PORT", "where to serve; CHIRP_ORIGIN's port on this machine only, if not given")
        options.on("--cert PEM", "serve TLS with this certificate")
        options.on("--key PEM", "and this key")
        options.on("--worker", "deliver in this process too")
        options.on("--password PASSWORD")
        options.on("--display-name NAME")
        options.on("--federated", "they agree to be reachable from other sites")
      end
    end

    # Creates the database. Safe to run again.
    def init_db
      Database.prepare
      puts "The database is ready: #{Chirp.settings.database}"
    end

    def serve
      Database.connect.close # says what to do when there is none
      server = Server.new(@app, listen: @options.fetch(:listen, "127.0.0.1:#{Chirp.settings.port || 5000}"),
                                cert: @options[:cert], key: @options[:key])
      @options[:worker] ? worker.worker { server.run } : server.run
    end

    # Delivers, until SIGTERM.
    def work
      deliverer = worker
      puts "Delivering"
      $stdout.flush
      deliverer.work
    end

    def worker = @worker || raise(Failed, "there is nothing to do beside the requests: this site is not federated")

    # Signs somebody up.
    def add_person(name)
      person = Database.transaction do |db|
        People.sign_up(db, name, password, display_name: @options.fetch(:"display-name", ""),
                                           federated: @options.fetch(:federated, false))
      end
      puts "#{person.handle} can log in now."
    end

    # Gives somebody a new password and ends their sessions.
    def new_password(name)
      Database.transaction do |db|
        person = People.by_handle(db, name)
        raise Failed, "there is nobody called #{name} here" unless person&.local?

        People.set_password(db, person, password)
      end
      puts "#{name} has a new password."
    end

    def password
      @options[:password] || ($stdin.getpass("Password: ") if $stdin.tty?) || raise(Failed, "--password is missing")
    end
  end
end
