# frozen_string_literal: true

# Rails: a federation from +config.fedigraft+, the middleware in its place, Rails' logger.
#
#   # config/application.rb
#   config.fedigraft.origin = "https://chirp.example"
#   config.fedigraft.name = "Chirp"
#
#   # config/initializers/federation.rb
#   Fedigraft.federation.profile { |_db, key| … }
require "rails/railtie"
require_relative "../fedigraft"

module Fedigraft
  # The federation of the Rails application, from +config.fedigraft+.
  # @return [Federation]
  # @raise [InvalidArgument] +config.fedigraft.origin+ is not set
  def self.federation
    @federation ||= Railtie.open(Rails.application)
  end

  # Joins fedigraft to a Rails application.
  class Railtie < ::Rails::Railtie
    config.fedigraft = ActiveSupport::OrderedOptions.new

    # Makes the federation: every option of {Federation#initialize} may be set; +database+ is Active Record's own.
    # @api private
    def self.open(application)
      options = application.config.fedigraft.to_h.dup
      origin = options.delete(:origin) or raise InvalidArgument.new(
        "set config.fedigraft.origin, such as \"https://chirp.example\"", reason: "no_origin", place: "config.fedigraft.origin"
      )
      options[:database] ||= ActiveRecord::Base
      options[:around] ||= ->(&run) { application.executor.wrap(&run) }
      Federation.new(origin, **options)
    end

    initializer "fedigraft.middleware" do |app|
      next unless app.config.fedigraft.origin

      # Inside the executor, so that constants may be loaded and connections go back to their pool.
      app.middleware.insert_after(ActionDispatch::Executor, Rack::Middleware, -> { Fedigraft.federation })
    end

    config.after_initialize { Fedigraft.logger = Rails.logger if Rails.logger }
  end
end
