# frozen_string_literal: true

require "cgi/escape"

module Chirp
  # Text that is safe HTML already. Everything else is escaped when a template shows it.
  class Html
    # The text as safe HTML: escaped, unless it is Html.
    def self.escape(text) = text.is_a?(Html) ? text : new(CGI.escapeHTML(text.to_s.scrub))

    # `template` with each %s replaced by one of the values, escaped.
    def self.format(template, *values) = new(Kernel.format(template, *values.map { |value| escape(value).to_s }))

    # The parts in a row, each escaped unless it is Html; `between` is markup.
    def self.join(parts, between = "") = new(parts.map { |part| escape(part).to_s }.join(between))

    def initialize(markup)
      @markup = markup
    end

    def to_s = @markup

    # What a reader sees: without tags, white space single.
    def plain
      CGI.unescapeHTML(@markup.gsub(/<!--.*?-->|<[^>]*>/m, "").split.join(" "))
    end
  end
end
