# frozen_string_literal: true

require_relative "../social"
require_relative "../timelines"

module Chirp
  # A person's page: what they wrote, who follows them, their feed; and the follow buttons.
  class App
    # The profile with its posts; `?replies=1` shows the replies too.
    get "/@:handle" do
      handle = field("handle")
      person = People.by_handle(db, handle)
      # Named in a post, but not known here yet.
      redirect "/search?#{Rack::Utils.build_query(q: "@#{handle}")}" if person.nil? && handle.include?("@") && viewer
      # Another spelling of the same name.
      redirect person.path unless found(person).handle == "@#{handle}"

      replies = params["replies"] == "1"
      page = Timelines.profile(db, viewer, person, field("older"), replies: replies)
      erb :profile, locals: { page: page, replies: replies, person: person }
    end

    # Who follows them.
    get "/@:handle/followers" do
      erb :people, locals: { person: named, listed: Social.followers(db, named), title: "Followers" }
    end

    # Whom they follow.
    get "/@:handle/following" do
      erb :people, locals: { person: named, listed: Social.following(db, named), title: "Following" }
    end

    # Their public posts for feed readers.
    get "/@:handle/feed.atom" do
      raise Sinatra::NotFound unless named.local?

      posts, = Posts.by_author(db, named)
      content_type "application/atom+xml"
      erb :feed, layout: false, locals: { person: named, posts: posts }
    end

    # Follow them, or ask to.
    post "/@:handle/follow", auth: true do
      raise Refused, "You cannot follow yourself." if named.id == viewer.id

      unless named.local? || viewer.federated?
        flash "To follow people on other sites, first allow other sites to reach you."
        redirect "/settings"
      end
      state = db.transaction { Social.follow(db, viewer, named) }
      flash "You asked to follow #{named.shown_name}." if state == "pending"
      redirect local_path(field("next"), named.path)
    end

    # Follow them no longer.
    post "/@:handle/unfollow", auth: true do
      db.transaction { Social.unfollow(db, viewer, named) }
      redirect local_path(field("next"), named.path)
    end

    # Make them follow you no longer.
    post "/@:handle/remove-follower", auth: true do
      db.transaction { Social.answer_follow(db, named, viewer, accepted: false) }
      redirect local_path(field("next"), named.path)
    end

    helpers do
      private

      # The person whose handle is in the path.
      def named = @named ||= found(People.by_handle(db, field("handle")))
    end
  end
end
