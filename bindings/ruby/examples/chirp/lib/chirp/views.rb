# frozen_string_literal: true

require_relative "clock"
require_relative "html"
require_relative "icons"
require_relative "languages"
require_relative "notifications"

module Chirp
  # What the templates know. `<%= %>` escapes all but Html.
  module Views
    AUDIENCES = {
      "public" => "Public", "unlisted" => "Unlisted", "followers" => "Followers only",
      "direct" => "Only people mentioned"
    }.freeze
    SAID = {
      "follow" => [:person, "follows you"],
      "request" => [:person, "asks to follow you"],
      "accepted" => [:check, "lets you follow them"],
      "mention" => [:direct, "mentioned you"],
      "reply" => [:reply, "replied to you"],
      "like" => [:heart, "likes your post"],
      "boost" => [:boost, "boosted your post"]
    }.freeze

    # The text as it stands in HTML.
    def h(text) = Html.escape(text).to_s

    # A template of views/parts.
    def part(name, **locals) = Html.new(erb(:"parts/#{name}", layout: false, locals: locals))

    def icon(name)
      Html.format('<svg class="icon icon-%s" viewBox="0 0 24 24" aria-hidden="true">%s</svg>',
                  name, Html.new(ICONS.fetch(name.to_sym)))
    end

    def avatar(person, size = "")
      return Html.format('<img class="avatar %s" src="%s" alt="" loading="lazy">', size, person.avatar) if person.avatar

      Html.format('<span class="avatar %s hue-%s" aria-hidden="true">%s</span>',
                  size, person.id % 8, person.shown_name[0].upcase)
    end

    # A <time> that says how long ago.
    def time_ago(moment) = time(moment, Clock.ago(moment))

    # A <time> that says when.
    def time_full(moment) = time(moment, Clock.full(moment))

    # An attribute without a value, such as " checked".
    def attribute(name, given) = given ? Html.new(" #{name}") : ""

    def plural(count, word) = count == 1 ? word : "#{word}s"

    def site = Chirp.settings

    # The path and query of this page.
    def here = request.fullpath.chomp("?")

    # How many notifications are new.
    def unseen = Notifications.unseen(db, viewer)

    # A sentence for the next page that is shown.
    def flash(sentence) = (session["flash"] ||= []) << sentence

    # The sentences for this page.
    def flashes = session.delete("flash") || []

    private

    def time(moment, shown)
      Html.format('<time datetime="%s" title="%s">%s</time>', Clock.text(moment), Clock.full(moment), shown)
    end
  end
end
