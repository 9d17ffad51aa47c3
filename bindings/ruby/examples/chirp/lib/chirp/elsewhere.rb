# frozen_string_literal: true

require "json"
require "uri"
require_relative "people"
require_relative "posts"

module Chirp
  # People and posts that live elsewhere and are known here: a guest's page, an imported thread, another site.
  #
  # Whoever brings them (an importer, a bridge) calls these functions with a connection that has an open transaction.
  # `uri` is the permanent name there. HTML is shown as it is given, so it MUST have been sanitised before.
  module Elsewhere
    class << self
      # Stores what is known of a person from elsewhere, new or again. Announces nothing.
      #
      # `handle` is "@bob@site.example"; the caller has made sure that it belongs to `uri`. `fields` are pairs of a
      # name and a value, plain text. Someone else who had the handle before keeps their posts under the name
      # "<name>~<id>". Raises ArgumentError when the handle has no domain or the domain is ours.
      def upsert_person(db, uri:, handle:, display_name: "", bio_html: "", avatar_url: nil, url: nil, fields: [],
                        locked: false)
        name, domain = split(handle)
        db.execute("UPDATE people SET name = name || '~' || id WHERE name = ? AND domain = ? AND uri <> ?",
                   [name, domain, uri])
        facts = fields.map { |label, value| { name: label, value: value } }
        db.execute(<<~SQL, [uri, name, domain, display_name, bio_html, web(avatar_url), web(url), facts.to_json, locked,
          INSERT INTO people (uri, name, domain, display_name, bio_html, avatar, url, fields, locked, created)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (uri) DO UPDATE SET name = excluded.name, domain = excluded.domain,
            display_name = excluded.display_name, bio_html = excluded.bio_html, avatar = excluded.avatar,
            url = excluded.url, fields = excluded.fields, locked = excluded.locked
        SQL
                            Clock.stamp])
        People.by_uri(db, uri)
      end

      # Forgets a person from elsewhere, with their posts, follows, likes and boosts. Announces nothing.
      def delete_person(db, uri) = db.execute("DELETE FROM people WHERE uri = ?", [uri])

      # Stores a post from elsewhere, new or again; announces post_published or post_edited.
      #
      # `reply_to_id` names a post that is known here, `reply_to_uri` one that need not be known yet: the thread
      # closes when it comes. `mentions` are those it is addressed to by name, who see it whatever its visibility;
      # nil leaves them as they are. Raises ArgumentError when the uri is someone else's post.
      def upsert_post(db, uri:, author:, html:, url: nil, title: nil, warning: nil, sensitive: false, language: nil,
                      visibility: "public", published: nil, edited: nil, reply_to_id: nil, reply_to_uri: nil,
                      mentions: nil, tags: [], media: [])
        known = Posts.by_uri(db, uri)
        raise ArgumentError, "the post belongs to someone else" if known && known.author.id != author.id

        reply_to_id ||= reply_to_uri && Posts.by_uri(db, reply_to_uri)&.id
        values = [uri, author.id, html, web(url), title.to_s, warning.to_s, sensitive, language.to_s, visibility,
                  Clock.text(Clock.past(published)), edited && Clock.text(Clock.past(edited)), reply_to_id,
                  reply_to_uri]
        id = store_post(db, uri, values)
        Posts.set_parts(db, id, mentions: mentions, tags: tags, media: media.select { |item| web(item.url) })
        Posts.announce(db, known ? :post_edited : :post_published, id)
      end

      # Deletes a post from elsewhere if it is known; announces post_deleted.
      def delete_post(db, uri)
        post = Posts.by_uri(db, uri)
        Posts.delete(db, post) if post
      end

      private

      # Gives the post's id. Replies that came before it find it now.
      def store_post(db, uri, values)
        db.execute(<<~SQL, values)
          INSERT INTO posts (uri, author_id, html, url, title, warning, sensitive, language, visibility,
                             published, edited, reply_to_id, reply_to_uri)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (uri) DO UPDATE SET html = excluded.html, url = excluded.url, title = excluded.title,
            warning = excluded.warning, sensitive = excluded.sensitive, language = excluded.language,
            visibility = excluded.visibility, edited = excluded.edited
        SQL
        id = db.get_first_value("SELECT id FROM posts WHERE uri = ?", [uri])
        db.execute("UPDATE posts SET reply_to_id = ? WHERE reply_to_uri = ? AND reply_to_id IS NULL", [id, uri])
        id
      end

      def split(handle)
        name, domain = handle.delete_prefix("@").split("@", 2)
        return [name, domain] unless [name, domain].any? { |part| part.to_s.empty? } ||
                                     domain.casecmp?(Chirp.settings.home)

        raise ArgumentError, "the handle of a person from elsewhere has the form @name@domain, with another domain"
      end

      # The url when it is an http or https one that may stand in a link; else nil.
      def web(url) = url&.match?(%r{\Ahttps?://}i) ? url : nil
    end
  end
end
