# frozen_string_literal: true

require "json"
require_relative "events"
require_relative "people"
require_relative "posts"

module Chirp
  # Following, liking, boosting. The same functions serve people from here and from elsewhere.
  #
  # Each changes something at most once: called again it does nothing and announces nothing. What writes needs a
  # connection with an open transaction.
  module Social
    # How a viewer and a person stand: each is nil, "pending" or "accepted".
    Relation = Struct.new(:following, :followed_by)

    # What a post has gathered, and what the viewer did with it.
    Tally = Struct.new(:replies, :likes, :boosts, :liked, :boosted)

    class << self
      # Follows, or asks to; announces followed. Gives the state, "pending" or "accepted".
      # It waits for an answer when the followee is locked or lives elsewhere.
      def follow(db, follower, followee)
        state = followee.local? && !followee.locked? ? "accepted" : "pending"
        values = [follower.id, followee.id, state, Clock.stamp]
        if db.change("INSERT OR IGNORE INTO follows VALUES (?, ?, ?, ?)", values).zero?
          return state_of(db, follower, followee) || state
        end

        Events.announce(:followed, db: db, follower: follower, followee: followee, state: state)
        state
      end

      # Follows no longer, or takes the request back; announces unfollowed.
      def unfollow(db, follower, followee)
        return if remove(db, follower, followee).zero?

        Events.announce(:unfollowed, db: db, follower: follower, followee: followee)
      end

      # Answers a request to follow; announces follow_answered. Refusing also ends a follow that was accepted.
      def answer_follow(db, follower, followee, accepted:)
        changed = accepted ? accept(db, follower, followee) : remove(db, follower, followee)
        return if changed.zero?

        Events.announce(:follow_answered, db: db, follower: follower, followee: followee, accepted: accepted)
      end

      # Likes a post; announces liked.
      def like(db, person, post) = add(db, "likes", :liked, person, post)

      # Takes a like back; announces unliked.
      def unlike(db, person, post) = take_back(db, "likes", :unliked, person, post)

      # Passes a public or unlisted post on; announces boosted.
      def boost(db, person, post)
        raise Refused, "This post is not for everyone, so it cannot be boosted." unless post.open?

        add(db, "boosts", :boosted, person, post)
      end

      # Takes a boost back; announces unboosted.
      def unboost(db, person, post) = take_back(db, "boosts", :unboosted, person, post)

      # nil, "pending" or "accepted".
      def state_of(db, follower, followee)
        db.get_first_value("SELECT state FROM follows WHERE follower_id = ? AND followee_id = ?",
                           [follower.id, followee.id])
      end

      # How `viewer` and `person` stand to each other.
      def relation(db, viewer, person)
        viewer ? Relation.new(state_of(db, viewer, person), state_of(db, person, viewer)) : Relation.new
      end

      # Who follows `person`, the newest 500.
      def followers(db, person) = people(db, "follower_id", "followee_id", person, "accepted")

      # Whom `person` follows, the newest 500.
      def following(db, person) = people(db, "followee_id", "follower_id", person, "accepted")

      # Who waits to follow `person`, the newest 500.
      def requests(db, person) = people(db, "follower_id", "followee_id", person, "pending")

      # How many posts anyone may see, followers, and people followed.
      def counts(db, person)
        db.row(<<~SQL, { id: person.id }).values
          SELECT (SELECT count(*) FROM posts WHERE author_id = :id AND #{Posts::OPEN}) AS posts,
                 (SELECT count(*) FROM follows WHERE followee_id = :id AND state = 'accepted') AS followers,
                 (SELECT count(*) FROM follows WHERE follower_id = :id AND state = 'accepted') AS following
        SQL
      end

      # Who likes the post, newest first.
      def likers(db, post) = reacted(db, "likes", post)

      # Who boosted the post, newest first.
      def boosters(db, post) = reacted(db, "boosts", post)

      # The tallies of many posts at once, by id. Replies count only when anyone may see them.
      def tallies(db, viewer, ids)
        rows = db.execute(<<~SQL, { ids: ids.to_json, viewer: viewer&.id })
          SELECT value AS id,
            (SELECT count(*) FROM posts WHERE reply_to_id = value AND #{Posts::OPEN}) AS replies,
            (SELECT count(*) FROM likes WHERE post_id = value) AS likes,
            (SELECT count(*) FROM boosts WHERE post_id = value) AS boosts,
            EXISTS (SELECT 1 FROM likes WHERE post_id = value AND person_id = :viewer) AS liked,
            EXISTS (SELECT 1 FROM boosts WHERE post_id = value AND person_id = :viewer) AS boosted
          FROM json_each(:ids)
        SQL
        rows.to_h do |row|
          [row["id"], Tally.new(row["replies"], row["likes"], row["boosts"], row["liked"] == 1, row["boosted"] == 1)]
        end
      end

      private

      def accept(db, follower, followee)
        db.change(<<~SQL, [follower.id, followee.id])
          UPDATE follows SET state = 'accepted' WHERE follower_id = ? AND followee_id = ? AND state = 'pending'
        SQL
      end

      def remove(db, follower, followee)
        db.change("DELETE FROM follows WHERE follower_id = ? AND followee_id = ?", [follower.id, followee.id])
      end

      def add(db, table, event, person, post)
        added = db.change("INSERT OR IGNORE INTO #{table} VALUES (?, ?, ?)", [person.id, post.id, Clock.stamp])
        Events.announce(event, db: db, person: person, post: post) unless added.zero?
      end

      def take_back(db, table, event, person, post)
        removed = db.change("DELETE FROM #{table} WHERE person_id = ? AND post_id = ?", [person.id, post.id])
        Events.announce(event, db: db, person: person, post: post) unless removed.zero?
      end

      def people(db, wanted, given, person, state)
        rows = db.execute(<<~SQL, [person.id, state])
          SELECT people.* FROM follows JOIN people ON people.id = #{wanted}
          WHERE #{given} = ? AND state = ? ORDER BY follows.created DESC, people.id DESC LIMIT 500
        SQL
        rows.map { |row| Person.from(row) }
      end

      def reacted(db, table, post)
        rows = db.execute(<<~SQL, [post.id])
          SELECT people.* FROM #{table} AS r JOIN people ON people.id = r.person_id
          WHERE r.post_id = ? ORDER BY r.created DESC, people.id DESC LIMIT 30
        SQL
        rows.map { |row| Person.from(row) }
      end
    end
  end
end
