# frozen_string_literal: true

# chirp: a small microblog for a small community. Sinatra, SQLite, no JavaScript.

module Chirp
  VERSION = "1.0"
  ROOT = File.expand_path("..", __dir__)

  # What cannot be done as asked. The message is a sentence for the person who asked; a page answers with `status`.
  class Refused < StandardError
    attr_reader :status

    def initialize(message, status: 400)
      super(message)
      @status = status
    end
  end
end

require_relative "chirp/settings"
require_relative "chirp/app"
require_relative "chirp/commands"
require_relative "chirp/elsewhere"
