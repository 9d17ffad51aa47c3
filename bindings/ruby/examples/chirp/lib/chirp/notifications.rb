# frozen_string_literal: true

require_relative "events"
require_relative "people"
require_relative "posts"

module Chirp
  # Notifications: written by subscribers of chirp's own events, read by the notifications page.
  #
  # Kinds: follow, request (to follow), accepted (a request of ours), mention, reply, like, boost. Only own people
  # are told, never about themselves, and never about a post they may not see.
  module Notifications
    PAGE = 30

    # One line of the page: `actor` did `kind`, perhaps with `post`.
    Notification = Struct.new(:id, :kind, :actor, :post, :created, :seen, keyword_init: true)

    class << self
      # How many are new.
      def unseen(db, person)
        db.get_first_value("SELECT count(*) FROM notifications WHERE person_id = ? AND seen = 0", [person.id])
      end

      # The person's notifications, newest first, only about posts they may (still) see.
      def page(db, person, before: nil)
        rows = db.execute(<<~SQL, { viewer: person.id, before: before || Posts::LAST, limit: PAGE })
          SELECT n.* FROM notifications AS n LEFT JOIN posts AS p ON p.id = n.post_id
          WHERE n.person_id = :viewer AND n.id < :before AND (n.post_id IS NULL OR #{Posts::VISIBLE})
          ORDER BY n.id DESC LIMIT :limit
        SQL
        actors = People.load(db, rows.map { |row| row["actor_id"] })
        posts = Posts.load(db, rows.filter_map { |row| row["post_id"] }).to_h { |post| [post.id, post] }
        rows.map do |row|
          Notification.new(id: row["id"], kind: row["kind"], actor: actors[row["actor_id"]],
                           post: posts[row["post_id"]], created: Clock.read(row["created"]), seen: row["seen"] == 1)
        end
      end

      # Nothing is new any more.
      def mark_seen(db, person)
        db.execute("UPDATE notifications SET seen = 1 WHERE person_id = ? AND seen = 0", [person.id])
      end

      def tell(db, person, kind, actor, post = nil)
        return if !person.local? || person.id == actor.id || (post && !Posts.visible(db, person, post.id))

        db.execute(<<~SQL, [person.id, kind, actor.id, post&.id, Clock.stamp])
          INSERT OR IGNORE INTO notifications (person_id, kind, actor_id, post_id, created) VALUES (?, ?, ?, ?, ?)
        SQL
      end

      def take_back(db, person, kind, actor, post = nil)
        db.execute("DELETE FROM notifications WHERE person_id = ? AND kind = ? AND actor_id = ? AND post_id IS ?",
                   [person.id, kind, actor.id, post&.id])
      end
    end

    Events.on(:post_published) do |db:, post:|
      parent = Posts.get(db, post.reply_to_id)
      tell(db, parent.author, "reply", post.author, post) if parent
      post.mentions.each do |person|
        tell(db, person, "mention", post.author, post) unless person.id == parent&.author&.id
      end
    end

    Events.on(:post_edited) do |db:, post:|
      told = db.execute("SELECT person_id FROM notifications WHERE post_id = ?", [post.id]).flat_map(&:values)
      post.mentions.each do |person|
        tell(db, person, "mention", post.author, post) unless told.include?(person.id)
      end
    end

    Events.on(:followed) do |db:, follower:, followee:, state:|
      tell(db, followee, state == "accepted" ? "follow" : "request", follower)
    end

    Events.on(:unfollowed) do |db:, follower:, followee:|
      %w[follow request].each { |kind| take_back(db, followee, kind, follower) }
    end

    Events.on(:follow_answered) do |db:, follower:, followee:, accepted:|
      take_back(db, followee, "request", follower)
      if accepted
        tell(db, followee, "follow", follower)
        tell(db, follower, "accepted", followee)
      end
    end

    Events.on(:liked) { |db:, person:, post:| tell(db, post.author, "like", person, post) }
    Events.on(:unliked) { |db:, person:, post:| take_back(db, post.author, "like", person, post) }
    Events.on(:boosted) { |db:, person:, post:| tell(db, post.author, "boost", person, post) }
    Events.on(:unboosted) { |db:, person:, post:| take_back(db, post.author, "boost", person, post) }
  end
end
