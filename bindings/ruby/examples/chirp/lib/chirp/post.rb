# frozen_string_literal: true

require_relative "clock"
require_relative "html"
require_relative "text"

module Chirp
  # Something attached to a post. Own pictures have a url that begins with "/media/".
  Media = Struct.new(:url, :media_type, :alt, :width, :height) do
    # A Media from a row of media.
    def self.from(row) = new(*row.values_at("url", "media_type", "alt", "width", "height")).freeze

    def picture? = media_type.start_with?("image/")
  end

  # What someone writes. `reply_to` is the Post it answers.
  Draft = Struct.new(:text, :warning, :sensitive, :visibility, :language, :reply_to, :media, keyword_init: true) do
    def initialize(warning: "", sensitive: false, visibility: "public", language: "en", media: [], **) = super
  end

  # One post with everything that is shown with it.
  Post = Struct.new(
    :id, :author, :reply_to_id, :reply_to_uri, :title, :text, :html, :warning, :sensitive, :language, :visibility,
    :uri, :url, :published, :edited, :media, :mentions, :tags, keyword_init: true
  ) do
    # A Post from a row that has all columns of posts, and what belongs to it.
    def self.from(row, author:, media:, mentions:, tags:)
      new(
        **row.slice(*members.map(&:to_s)).transform_keys(&:to_sym),
        author: author, media: media, mentions: mentions, tags: tags, sensitive: row["sensitive"] == 1,
        published: Clock.read(row["published"]), edited: row["edited"] && Clock.read(row["edited"])
      ).freeze
    end

    # Whether it was written here.
    def local? = uri.nil?

    def sensitive? = sensitive

    # Its page here.
    def path = "/posts/#{id}"

    def reply? = !(reply_to_id || reply_to_uri).nil?

    # Whether anyone may see it, and so pass it on.
    def open? = %w[public unlisted].include?(visibility)

    # The body as Html. Markup from elsewhere was sanitised before Elsewhere.upsert_post took it.
    def markup
      return Html.new(html) if html

      Text.to_html(text, mentions.select(&:local?).map { |person| person.name.downcase })
    end

    # The first words, in `length` characters: the warning if there is one.
    def excerpt(length)
      words = [warning, title].find { |line| !line.empty? } || markup.plain
      return words if words.length <= length + 5

      "#{words[0, length - 3].rpartition(" ").then { |head, _, tail| head.empty? ? tail : head }}..."
    end
  end
end
