# frozen_string_literal: true

require "digest"
require "erubi"
require "sinatra/base"
require_relative "auth"
require_relative "database"
require_relative "security"
require_relative "views"

module Chirp
  # The web application; the pages are in pages/.
  class App < Sinatra::Base
    set :environment, ENV.fetch("APP_ENV", "production").to_sym # APP_ENV=development reads changed templates again
    set :root, ROOT
    set :static, true
    set :static_cache_control, [:public, { max_age: 3600 }]
    set :erb, escape: true, escapefunc: "h"
    set :absolute_redirects, false
    set :show_exceptions, false
    set :raise_errors, false
    set :dump_errors, false # see the last error block
    set :sessions, (lambda do
      site = Chirp.settings
      {
        key: site.cookie, secret: Digest::SHA256.hexdigest(site.session_key),
        coder: Rack::Protection::EncryptedCookie::Base64::JSON.new,
        expire_after: 30 * 86_400, same_site: :lax, secure: site.https?
      }
    end)
    set :protection, -> { { except: %i[session_hijacking remote_token], permitted_origins: [Chirp.settings.origin] } }

    # `auth: true` on a page that needs a login.
    set(:auth) { |needed| condition { ask_to_log_in if needed && viewer.nil? } }

    use Security::Frame
    helpers Auth, Security, Views

    before { check_form }
    after { close_database }
    after { request.session_options[:skip] = true if new_and_empty?(session) }

    error(Refused) { |refused| show_error(refused.status, refused.message) }
    error(Sinatra::BadRequest) { show_error(400, "That is no request that makes sense here.") }
    error(Sinatra::NotFound) { show_error(404, "There is nothing here, or it is not for everyone.") }
    error do |problem|
      dump_errors!(problem)
      show_error(500, "Something broke. It is not your fault.")
    end

    helpers do
      # This request's connection to the database.
      def db = @db ||= Database.connect

      # A field of the form, or of the query: text, perhaps empty.
      def field(name)
        value = params[name]
        value.is_a?(String) ? value.scrub.delete("\0") : ""
      end

      # Whether a box is ticked, or a field is there at all.
      def ticked?(name) = params.key?(name)

      # A number of the form, of the query or of the path; nil when it is none.
      def number(name) = field(name).match?(/\A\d{1,17}\z/) ? field(name).to_i : nil

      # Something that is there; a page that does not exist otherwise.
      def found(thing) = thing || raise(Sinatra::NotFound)

      private

      def show_error(code, sentence)
        status code
        erb :error, locals: { code: code, sentence: sentence }
      end

      # Whether a cookie would tell nothing: who only looks around gets none.
      def new_and_empty?(session)
        !request.cookies.key?(site.cookie) && (session.keys - ["session_id"]).empty?
      end

      def close_database
        @db&.close
        @db = nil
      end
    end
  end
end

require_relative "pages/account"
require_relative "pages/home"
require_relative "pages/media"
require_relative "pages/notices"
require_relative "pages/post"
require_relative "pages/profile"
