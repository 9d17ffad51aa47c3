# frozen_string_literal: true

require_relative "people"
require_relative "posts"
require_relative "social"

module Chirp
  # Timelines: which posts stand on which page, in which order, and how to go on to older ones.
  module Timelines
    PAGE = 20
    TOP = "p.reply_to_id IS NULL AND p.reply_to_uri IS NULL"
    FOLLOWED = <<~SQL
      (SELECT followee_id FROM follows WHERE follower_id = :viewer AND state = 'accepted' UNION SELECT :viewer)
    SQL

    # A post as it stands in a list: what it gathered, who boosted it there, whom it answers, how deep in a thread.
    Entry = Struct.new(:post, :counts, :booster, :answers, :depth, keyword_init: true)

    # One page of entries, newest first. `older` is the cursor of the next page.
    Timeline = Struct.new(:items, :older)

    # A post among others: what it answers (oldest first), the replies below it, and whether the start is out of sight.
    Thread = Struct.new(:above, :below, :start_hidden)

    class << self
      # The viewer's own posts, those of the people they follow, and what these boosted (each post once).
      def home(db, viewer, cursor = nil)
        timeline(db, viewer, cursor, written: "p.author_id IN #{FOLLOWED}", boosted: <<~SQL)
          b.person_id IN #{FOLLOWED} AND p.author_id NOT IN #{FOLLOWED} AND NOT EXISTS (
            SELECT 1 FROM boosts AS e WHERE e.post_id = b.post_id AND e.person_id IN #{FOLLOWED}
              AND (e.created, e.person_id) < (b.created, b.person_id))
        SQL
      end

      # The public posts of own people, without replies.
      def local(db, viewer, cursor = nil)
        timeline(db, viewer, cursor, written: "p.uri IS NULL AND p.visibility = 'public' AND #{TOP}")
      end

      # What a person wrote and boosted, as far as the viewer may see it. Direct posts stay out.
      def profile(db, viewer, person, cursor = nil, replies: false)
        written = "p.author_id = :person AND p.visibility <> 'direct'"
        written += " AND #{TOP}" unless replies
        timeline(db, viewer, cursor, written: written, boosted: "b.person_id = :person", person: person.id)
      end

      # The public posts with a hashtag.
      def tagged(db, viewer, tag, cursor = nil)
        timeline(db, viewer, cursor, tag: tag.downcase, written: <<~SQL)
          p.visibility = 'public' AND EXISTS (SELECT 1 FROM tags WHERE post_id = p.id AND tag = :tag)
        SQL
      end

      # The thread around a post: at most 40 posts upwards and 200 downwards. Below a reply that the viewer may not
      # see, nothing is shown.
      def thread(db, viewer, post)
        above = [post]
        while above.size <= 40 && (parent = Posts.visible(db, viewer, above.first.reply_to_id))
          above.unshift(parent)
        end
        Thread.new(entries(db, viewer, above[...-1].map { |item| { "id" => item.id } }),
                   entries(db, viewer, below(db, viewer, post)), above.first.reply?)
      end

      # One post that the viewer may see, as an entry.
      def entry(db, viewer, post) = entries(db, viewer, [{ "id" => post.id }]).first

      private

      def timeline(db, viewer, cursor, written:, boosted: "0", **more)
        at, id = cursor.to_s.split("_", 2)
        values = { viewer: viewer&.id, at: at || "9", id: id.to_s.match?(/\A\d{1,17}\z/) ? id.to_i : Posts::LAST,
                   limit: PAGE + 1, **more }
        rows = db.execute(<<~SQL, values)
          SELECT * FROM (
            SELECT p.id, NULL AS booster, p.published AS at FROM posts AS p
            WHERE #{written} AND #{Posts::VISIBLE} AND (p.published, p.id) < (:at, :id)
            ORDER BY p.published DESC, p.id DESC LIMIT :limit)
          UNION ALL SELECT * FROM (
            SELECT p.id, b.person_id, b.created FROM boosts AS b JOIN posts AS p ON p.id = b.post_id
            WHERE #{boosted} AND #{Posts::VISIBLE} AND (b.created, p.id) < (:at, :id)
            ORDER BY b.created DESC, p.id DESC LIMIT :limit)
          ORDER BY at DESC, id DESC LIMIT :limit
        SQL
        shown = rows.first(PAGE)
        Timeline.new(entries(db, viewer, shown), rows.size > PAGE ? shown.last.values_at("at", "id").join("_") : nil)
      end

      def below(db, viewer, post)
        db.execute(<<~SQL, { id: post.id, viewer: viewer&.id })
          WITH RECURSIVE below (id, depth, place) AS (
            SELECT p.id, 1, printf('%s%09d', p.published, p.id)
            FROM posts AS p WHERE p.reply_to_id = :id AND #{Posts::VISIBLE}
            UNION ALL
            SELECT p.id, depth + 1, place || ' ' || printf('%s%09d', p.published, p.id)
            FROM posts AS p JOIN below ON p.reply_to_id = below.id WHERE #{Posts::VISIBLE} AND depth <= 40)
          SELECT id, depth FROM below ORDER BY place LIMIT 200
        SQL
      end

      # Entries for rows with an "id", perhaps a "booster" and a "depth".
      def entries(db, viewer, rows)
        ids = rows.map { |row| row["id"] }
        found = Posts.load(db, ids).to_h { |post| [post.id, post] }
        tallies = Social.tallies(db, viewer, ids)
        boosters = People.load(db, rows.filter_map { |row| row["booster"] })
        # Who is answered is told even where the answered post is hidden: the reply itself names them.
        parents = Posts.load(db, found.values.filter_map(&:reply_to_id)).to_h { |post| [post.id, post.author] }
        rows.map do |row|
          post = found[row["id"]]
          Entry.new(post: post, counts: tallies[post.id], booster: boosters[row["booster"]],
                    answers: parents[post.reply_to_id], depth: [row.fetch("depth", 0), 4].min)
        end
      end
    end
  end
end
