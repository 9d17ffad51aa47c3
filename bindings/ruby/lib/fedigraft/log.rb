# frozen_string_literal: true

# Where fedigraft says what an operator should know.
require "logger"

module Fedigraft
  class << self
    # The logger; a railtie sets that of Rails.
    # @return [Logger]
    def logger
      @logger ||= Logger.new($stderr, progname: "fedigraft", level: Logger::INFO)
    end

    # @param logger [Logger]
    attr_writer :logger

    # An exception with the line of the host's code it came from.
    # @api private
    def log_exception(what, error)
      trace = error.backtrace.to_a.first(20).map { |line| "\n    #{line}" }.join
      logger.error("#{what}: #{error.message} (#{error.class})#{trace}")
    end
  end
end
