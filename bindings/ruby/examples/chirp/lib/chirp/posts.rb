# frozen_string_literal: true

require "json"
require_relative "events"
require_relative "people"
require_relative "post"

module Chirp
  # Posts: writing, editing, deleting and reading them, and the one rule about who may see which.
  #
  # `get`, `one` and `load` ask nobody: they are for code that works on behalf of chirp. Pages use `visible`.
  module Posts
    VISIBILITIES = %w[public unlisted followers direct].freeze
    MAX_PICTURES = 4
    OPEN = "visibility IN ('public', 'unlisted')"
    LAST = 1 << 62 # larger than any id

    # True for the rows of posts AS p that the person :viewer may see (NULL: somebody who is not logged in).
    VISIBLE = <<~SQL
      (p.visibility IN ('public', 'unlisted') OR p.author_id = :viewer
        OR EXISTS (SELECT 1 FROM mentions WHERE post_id = p.id AND person_id = :viewer)
        OR (p.visibility = 'followers' AND EXISTS (
              SELECT 1 FROM follows
              WHERE followee_id = p.author_id AND follower_id = :viewer AND state = 'accepted')))
    SQL

    class << self
      # The post with this id, whoever may see it. nil and text that is no number are the id of nothing.
      def get(db, id)
        row = db.row("SELECT id FROM posts WHERE id = ?", [id])
        row && load(db, [row["id"]]).first
      end

      # The post with this id, whoever may see it. Raises KeyError when there is none.
      def one(db, id) = get(db, id) || raise(KeyError, "there is no post #{id}")

      # The post from elsewhere with this uri, whoever may see it.
      def by_uri(db, uri)
        row = db.row("SELECT id FROM posts WHERE uri = ?", [uri])
        row && get(db, row["id"])
      end

      # The post with this id if `viewer` may see it. A hidden one answers exactly as a missing one.
      def visible(db, viewer, id)
        found = db.row("SELECT id FROM posts AS p WHERE id = :id AND #{VISIBLE}", { id: id, viewer: viewer&.id })
        found && get(db, id)
      end

      # Many posts at once, in the order of `ids`, whoever may see them. Unknown ids are left out.
      def load(db, ids)
        wanted = [ids.to_json]
        rows = db.execute("SELECT * FROM posts WHERE id IN (SELECT value FROM json_each(?))", wanted)
        media, mentions, tags = %w[media mentions tags].map { |table| parts(db, table, wanted) }
        named = mentions.transform_values { |list| list.map { |row| row["person_id"] } }
        who = People.load(db, [*rows.map { |row| row["author_id"] }, *named.values.flatten])
        found = rows.to_h do |row|
          id = row["id"]
          [id, Post.from(row, author: who[row["author_id"]], media: media[id].map { |item| Media.from(item) },
                              mentions: named.fetch(id, []).map { |number| who[number] },
                              tags: tags[id].map { |item| item["tag"] })]
        end
        ids.filter_map { |id| found[id] }
      end

      # The author's public and unlisted posts, newest first, and how many there are. `before` is a post id.
      def by_author(db, author, before: nil, limit: 20)
        rows = db.execute("SELECT id FROM posts WHERE author_id = ? AND #{OPEN} AND id < ? ORDER BY id DESC LIMIT ?",
                          [author.id, before || LAST, limit])
        total = db.get_first_value("SELECT count(*) FROM posts WHERE author_id = ? AND #{OPEN}", [author.id])
        [load(db, rows.map { |row| row["id"] }), total]
      end

      # Publishes what one of our own wrote; announces post_published.
      # Whoever the text names is mentioned, and so is the author of the post it answers.
      def publish(db, author, draft)
        parent = draft.reply_to
        db.execute(<<~SQL, [author.id, parent&.id, parent&.uri, draft.text, draft.warning, draft.sensitive,
          INSERT INTO posts (author_id, reply_to_id, reply_to_uri, text, warning, sensitive, language, visibility,
                             published) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        SQL
                            draft.language, draft.visibility, Clock.stamp])
        id = db.last_insert_row_id
        db.execute("UPDATE people SET language = ? WHERE id = ?", [draft.language, author.id])
        mentions = named(db, author, draft.text, parent)
        set_parts(db, id, mentions: mentions, tags: Text.hashtags(draft.text), media: draft.media)
        announce(db, :post_published, id)
      end

      # Changes a post that was written here; announces post_edited. Visibility and parent stay.
      def edit(db, post, text:, warning:, sensitive:, language:, media:)
        db.execute(
          "UPDATE posts SET text = ?, warning = ?, sensitive = ?, language = ?, edited = ? WHERE id = ?",
          [text, warning, sensitive, language, Clock.stamp, post.id]
        )
        mentions = named(db, post.author, text, get(db, post.reply_to_id))
        set_parts(db, post.id, mentions: mentions, tags: Text.hashtags(text), media: media)
        announce(db, :post_edited, post.id)
      end

      # Deletes a post; announces post_deleted while it is still there.
      def delete(db, post)
        Events.announce(:post_deleted, db: db, post: post)
        db.execute("DELETE FROM posts WHERE id = ?", [post.id])
      end

      # Replaces whom a post mentions (nil: leaves them), its hashtags and what is attached to it.
      def set_parts(db, id, mentions:, tags:, media:)
        set_mentions(db, id, mentions) if mentions
        db.execute("DELETE FROM tags WHERE post_id = ?", [id])
        tags.each do |tag|
          db.execute("INSERT OR IGNORE INTO tags VALUES (?, ?)", [id, tag.delete_prefix("#").downcase])
        end
        db.execute("DELETE FROM media WHERE post_id = ?", [id])
        media.each do |item|
          db.execute("INSERT INTO media (post_id, url, media_type, alt, width, height) VALUES (?, ?, ?, ?, ?, ?)",
                     [id, *item.to_a])
        end
      end

      # Tells of a post as it is now, and gives it.
      def announce(db, event, id)
        one(db, id).tap { |post| Events.announce(event, db: db, post: post) }
      end

      private

      # The rows of a table that belong to posts, by the post's id.
      def parts(db, table, wanted)
        rows = db.execute(<<~SQL, wanted)
          SELECT * FROM #{table} WHERE post_id IN (SELECT value FROM json_each(?)) ORDER BY 1, 2
        SQL
        rows.group_by { |row| row["post_id"] }.tap { |found| found.default = [] }
      end

      def set_mentions(db, id, people)
        db.execute("DELETE FROM mentions WHERE post_id = ?", [id])
        people.each { |person| db.execute("INSERT OR IGNORE INTO mentions VALUES (?, ?)", [id, person.id]) }
      end

      # Whom a text of ours mentions: those it names, and the author of the post it answers.
      def named(db, author, text, parent)
        people = Text.mentions(text).map { |handle| People.by_handle(db, handle) }
        [*people, parent&.author].compact.reject { |person| person.id == author.id }
      end
    end
  end
end
