# frozen_string_literal: true

require_relative "../people"
require_relative "../timelines"

module Chirp
  # The home and local timelines, hashtags, and search.
  class App
    # Those you follow; for visitors, what is written here.
    get "/" do
      redirect "/local" unless viewer
      show_timeline Timelines.home(db, viewer, field("older")), "Home", composer: true, suggest: true
    end

    # What is written here, for everyone.
    get "/local" do
      show_timeline Timelines.local(db, viewer, field("older")), "Local", suggest: true
    end

    # Public posts with a hashtag.
    get "/tags/:tag" do
      show_timeline Timelines.tagged(db, viewer, field("tag"), field("older")), "##{field("tag")}"
    end

    # Find people; open a handle, a hashtag or an address.
    get "/search" do
      query = field("q").strip[0, 300]
      address = address?(query)
      place = address && find(query)
      redirect place.path if place
      redirect "/tags/#{Rack::Utils.escape_path(query[1..])}" if query.match?(/\A#./)

      matches = query.empty? ? [] : People.search(db, query)
      erb :search, locals: { query: query, matches: matches, address: address }
    end

    helpers do
      private

      def show_timeline(page, title, composer: false, suggest: false)
        suggested = suggest && viewer ? People.suggestions(db, viewer) : []
        erb :timeline, locals: { page: page, title: title, composer: composer, suggested: suggested }
      end

      def address?(query) = query.match?(%r{\Ahttps?://|\A@?[^@]+@[^ ]+\z})

      # The Person or Post that a full handle or an address leads to: known here, or found by whoever knows more.
      def find(query)
        known = query.include?("://") ? by_url(query) : People.by_handle(db, query)
        return known if known || viewer.nil?

        Events.announce(:unknown_address, query: query).compact.first
      rescue StandardError => e
        dump_errors!(e) # a subscriber could not find out who that is
        nil
      end

      # A page of our own site by its address, or something from elsewhere by its uri or page.
      def by_url(url)
        own = [site.origin, request.base_url].find { |origin| url.start_with?("#{origin}/") }
        return by_path(url.delete_prefix(own)) if own

        person = db.row("SELECT id FROM people WHERE uri = :url OR url = :url", { url: url })
        return People.get(db, person["id"]) if person

        post = db.row("SELECT id FROM posts WHERE uri = :url OR url = :url", { url: url })
        post && Posts.visible(db, viewer, post["id"])
      end

      def by_path(path)
        case path
        when %r{\A/(@[^/]+)\z} then People.by_handle(db, ::Regexp.last_match(1))
        when %r{\A/posts/(\d{1,17})\z} then Posts.visible(db, viewer, ::Regexp.last_match(1).to_i)
        end
      end
    end
  end
end
