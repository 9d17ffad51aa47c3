# frozen_string_literal: true

require_relative "html"

module Chirp
  # Plain text as people write it: finds links, @mentions and #hashtags, and turns text into safe HTML.
  module Text
    TOKEN = %r{
      (?<url> \b https?:// [^\s<>"]+ )
    | (?<! [[:word:]@/.] ) @ (?<name> [a-z0-9_]+ (?: [.-]+ [a-z0-9_]+ )* )
      (?: @ (?<domain> [a-z0-9] (?: [a-z0-9.-]* [a-z0-9] )? (?: : \d{1,5} )? ) )? (?! [[:word:]@] )
    | (?<! [[:word:]&/\#] ) \# (?<tag> [[:word:]]* [[:alpha:]] [[:word:]]* )
    }xi

    class << self
      # The handles that `text` names, in order, each once: "@alice" or "@bob@site.example".
      def mentions(text) = tokens(text).filter_map { |token| handle(token) if token[:name] }.uniq

      # The hashtags of `text` in lower case without #, in order, each once.
      def hashtags(text) = tokens(text).filter_map { |token| token[:tag]&.downcase }.uniq

      # `text` as Html: escaped, paragraphs kept, links, hashtags and mentions clickable.
      # A bare @name becomes a link only when it is in `own_names` (lower case); a full handle always does.
      def to_html(text, own_names = [], link_rel: "nofollow noopener")
        paragraphs = text.gsub("\r\n", "\n").strip.split(/\n{2,}/)
        Html.join(paragraphs.map { |words| Html.format("<p>%s</p>", inline(words, own_names, link_rel)) }, "\n")
      end

      private

      def tokens(text) = text.to_enum(:scan, TOKEN).map { Regexp.last_match }

      def inline(text, own_names, link_rel)
        parts = []
        position = 0
        tokens(text).each do |token|
          shown, link = link_for(token, own_names, link_rel)
          next unless link

          parts << lines(text[position...token.begin(0)]) << link
          position = token.begin(0) + shown.length
        end
        Html.join([*parts, lines(text[position..])])
      end

      # The part of the text that becomes a link, and the link; nil when there is none.
      def link_for(token, own_names, link_rel)
        if token[:url]
          url = trim(token[:url])
          [url, Html.format('<a href="%s" rel="%s">%s</a>', url, link_rel, short(url))]
        elsif token[:tag]
          [token[0], Html.format('<a href="/tags/%s" class="tag">#%s</a>', token[:tag].downcase, token[:tag])]
        elsif token[:domain] || own_names.include?(token[:name].downcase)
          full = handle(token)
          [token[0], Html.format('<a href="/%s" class="mention" title="%s">@%s</a>', full, full, token[:name])]
        end
      end

      def lines(text) = Html.join(text.split("\n", -1), "<br>\n")

      def handle(token) = "@#{token[:name]}#{"@#{token[:domain].downcase}" if token[:domain]}"

      # Leaves out punctuation that ends the sentence, and a closing bracket that was opened before the link.
      def trim(url)
        url = url.chop while url.match?(/[.,;:!?'"*_]\z/) || (url.end_with?(")") && url.count(")") > url.count("("))
        url
      end

      def short(url)
        shown = url.sub(%r{\Ahttps?://(www\.)?}, "").sub(%r{/+\z}, "")
        shown.length <= 42 ? shown : "#{shown[0, 40]}…"
      end
    end
  end
end
