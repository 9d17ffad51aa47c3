# frozen_string_literal: true

require_relative "../notifications"
require_relative "../social"

module Chirp
  # The notifications, and the requests to follow that wait for an answer.
  class App
    # What happened to you. Having seen it, it is no longer new.
    get "/notifications", auth: true do
      listed = Notifications.page(db, viewer, before: number("older"))
      pending = Social.requests(db, viewer).map(&:id)
      page = erb(:notifications, locals: { listed: listed, pending: pending })
      db.transaction { Notifications.mark_seen(db, viewer) } unless listed.all?(&:seen)
      page
    end

    # Let somebody follow you, or not.
    post %r{/requests/(?<id>\d{1,17})/(?<answer>accept|decline)}, auth: true do
      person = found(People.get(db, number("id")))
      db.transaction { Social.answer_follow(db, person, viewer, accepted: params["answer"] == "accept") }
      redirect local_path(field("next"), "/notifications")
    end
  end
end
