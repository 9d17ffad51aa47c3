# frozen_string_literal: true

# The command line: explain a captured request, run a worker.
#
# +fedigraft explain FILE --key PEM --origin URL+ tells rule by rule why a request is refused. +fedigraft work -r ./app
# Chirp::FED+ runs the jobs and deliveries of a +Federation+.
require "optparse"
require "time"
require_relative "../fedigraft"

module Fedigraft
  # One run of the command.
  # @api private
  class CommandLine
    USAGE = <<~TEXT
      usage: fedigraft explain FILE [--key PEM] [--origin URL] [--now SECONDS]
             fedigraft work [-r FILE]... [--threads N] [--once] FEDERATION
             (a constant, such as Chirp::FED, or what it answers, such as Fedigraft.federation)
             fedigraft --version
    TEXT

    # Wrong use; the text says what was expected.
    class Misuse < StandardError; end

    def initialize(out: $stdout, error: $stderr, input: $stdin)
      @out = out
      @error = error
      @input = input
    end

    # Runs a command.
    # @return [Integer] the exit status: 0 fine, 1 refused, 2 wrong use
    def run(arguments)
      command, *rest = arguments
      case command
      when "explain" then explain(rest)
      when "work" then work(rest)
      when "--version" then told("fedigraft #{VERSION}")
      when "--help", "-h" then told(USAGE)
      else raise Misuse, USAGE
      end
    rescue Error, Misuse, OptionParser::ParseError, ::LoadError, NameError, SystemCallError => e
      wrong(e.message)
    end

    private

    def told(text)
      @out.puts(text)
      0
    end

    def wrong(text)
      @error.puts("fedigraft: #{text}")
      2
    end

    def explain(arguments)
      given = { now: nil }
      files = OptionParser.new do |options|
        options.on("--key PEM", "the sender's public key (publicKeyPem of its actor)") { |file| given[:key] = file }
        options.on("--origin URL", "your origin; https:// and the request's Host when absent") { |url| given[:origin] = url }
        options.on("--now SECONDS", Integer, "the request's Date when absent") { |now| given[:now] = now }
      end.parse(arguments)
      raise Misuse, "expected one file, or - for the input\n#{USAGE}" unless files.size == 1

      request = Request.parse(files.first == "-" ? @input.read : File.binread(files.first))
      given[:key] ? judged(request, given) : claimed(request)
    end

    def claimed(request)
      told("the request claims the key #{Fedigraft.claim(request).key_id}")
      told("fetch that key's publicKeyPem into a file and give it with --key to have it verified")
      1
    end

    def judged(request, given)
      fields = request.headers.to_h.transform_keys(&:downcase)
      origin = given[:origin] || "https://#{fields.fetch("host", "localhost")}"
      verdict = Instance.open(origin, policy: "development") do |instance|
        PublicKey.from_pem(File.read(given[:key])) do |key|
          Fedigraft.explain(instance, request, key, now: given[:now] || date(fields["date"]))
        end
      end
      told(verdict.report)
      verdict.accepted? ? 0 : 1
    end

    def date(text)
      text ? Time.httpdate(text) : Time.now
    rescue ArgumentError
      Time.now
    end

    def work(arguments)
      given = { threads: 2, files: [] }
      names = OptionParser.new do |options|
        options.on("-r", "--require FILE", "what to load first, such as ./app") { |file| given[:files] << file }
        options.on("--threads N", Integer, "how many at once (2)") { |number| given[:threads] = number }
        options.on("--once", "stop when nothing is due") { given[:once] = true }
      end.parse(arguments)
      raise Misuse, "expected one Federation\n#{USAGE}" unless names.size == 1

      federation = found(names.first, given[:files])
      return told("#{federation.drain} runs") if given[:once]

      federation.work(threads: given[:threads])
      0
    end

    def found(name, files)
      files.each { |file| require file.start_with?(".") ? File.expand_path(file) : file }
      constant, method = name.split(".", 2)
      begin
        federation = Object.const_get(constant)
      rescue NameError
        raise Misuse, "there is no #{constant}; -r FILE loads what defines it"
      end
      federation = federation.public_send(method) if method
      raise Misuse, "#{name} is not a Federation" unless federation.is_a?(Federation)

      federation
    end
  end
end
