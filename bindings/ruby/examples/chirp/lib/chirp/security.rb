# frozen_string_literal: true

require "rack/protection"
require "stringio"
require_relative "html"
require_relative "media_folder"

module Chirp
  # What protects every page: a token in each form against forged requests (CSRF), a limit to what is sent, and the
  # response headers.
  module Security
    TOKEN = Rack::Protection::AuthenticityToken.new(nil, authenticity_param: "csrf")
    MAX_REQUEST = (4 * MediaFolder::MAX_BYTES) + (256 * 1024)

    # The hidden field that every form with method="post" carries.
    def csrf_field
      Html.format('<input type="hidden" name="csrf" value="%s">', TOKEN.mask_authenticity_token(session))
    end

    # Refuses a form that was not ours, or is too large.
    def check_form
      raise Refused.new("That is too large to send at once.", status: 413) if env["chirp.too_large"]
      return if TOKEN.safe?(env) || TOKEN.accepts?(env)

      raise Refused, "This form has expired. Go back, reload the page and send it again."
    end

    # `target` if it is a path of this site, else `fallback`: a redirect never leads away.
    def local_path(target, fallback = "/")
      target.to_s.match?(%r{\A/(?!/)[^\\[:cntrl:]]*\z}) ? target : fallback
    end

    # Around everything, files too.
    class Frame
      def initialize(app)
        @app = app
        # Pages bring no script at all. Pictures of people from elsewhere come from where they live.
        policy = "default-src 'none'; style-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; " \
                 "frame-ancestors 'none'; img-src 'self' #{Chirp.settings.image_sources}"
        @headers = {
          "Content-Security-Policy" => policy, "X-Content-Type-Options" => "nosniff",
          "Referrer-Policy" => "same-origin", "Cross-Origin-Opener-Policy" => "same-origin",
          "Cache-Control" => "private, no-cache"
        }.freeze
      end

      def call(env)
        env["HTTPS"] = "on" if Chirp.settings.https? # whatever the proxy in front tells
        status, headers, body = @app.call(env["CONTENT_LENGTH"].to_i > MAX_REQUEST ? emptied(env) : env)
        [status, @headers.merge(headers), body]
      end

      private

      # The request without what it brings, which nobody reads.
      def emptied(env)
        env.merge("rack.input" => StringIO.new, "CONTENT_LENGTH" => "0", "chirp.too_large" => true)
      end
    end
  end
end
