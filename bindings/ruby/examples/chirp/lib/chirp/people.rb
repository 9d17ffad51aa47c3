# frozen_string_literal: true

require_relative "events"
require_relative "password"
require_relative "person"

module Chirp
  # People: those who signed up here, and those from elsewhere whom someone here knows (Elsewhere stores them).
  #
  # `db` is a connection; what writes needs one with an open transaction.
  module People
    NAME = /\A[a-z0-9_]{1,30}\z/
    MIN_PASSWORD = 8
    MAX_FIELDS = 4

    class << self
      # The person with this id; nil when there is none. Text that is no number is the id of nobody.
      def get(db, id) = find(db, "id = ?", [id])

      # The person with this id. Raises KeyError when there is none.
      def one(db, id) = get(db, id) || raise(KeyError, "there is no person #{id}")

      # The person called "alice", "@alice", "@alice@<here>" or "@bob@site.example".
      def by_handle(db, handle)
        name, domain = handle.delete_prefix("@").split("@", 2)
        domain = "" if domain.nil? || domain.casecmp?(Chirp.settings.home)
        find(db, "name = ? AND domain = ?", [name.to_s, domain])
      end

      # The person from elsewhere with this uri.
      def by_uri(db, uri) = find(db, "uri = ?", [uri])

      # Many people at once, by id. Unknown ids are left out.
      def load(db, ids)
        rows = db.execute("SELECT * FROM people WHERE id IN (SELECT value FROM json_each(?))", [ids.uniq.to_json])
        rows.to_h { |row| [row["id"], Person.from(row)] }
      end

      # People whose handle or display name contains `query`: those who may be found, and an exact name.
      def search(db, query, limit: 20)
        query = query.delete_prefix("@")
        rows = db.execute(<<~'SQL', { pattern: "%#{query.gsub(/[\\%_]/) { "\\#{_1}" }}%", name: query, limit: limit })
          SELECT * FROM people
          WHERE (discoverable = 1 AND (name || '@' || domain LIKE :pattern ESCAPE '\'
                                       OR display_name LIKE :pattern ESCAPE '\'))
             OR (name = :name AND domain = '')
          ORDER BY name <> :name, domain <> '', name LIMIT :limit
        SQL
        rows.map { |row| Person.from(row) }
      end

      # Own people whom `person` does not follow yet, those with recent posts first.
      def suggestions(db, person, limit: 4)
        rows = db.execute(<<~SQL, { me: person.id, limit: limit })
          SELECT * FROM people AS p WHERE uri IS NULL AND discoverable = 1 AND id <> :me
            AND NOT EXISTS (SELECT 1 FROM follows WHERE follower_id = :me AND followee_id = p.id)
          ORDER BY (SELECT max(published) FROM posts WHERE author_id = p.id) DESC NULLS LAST, id DESC LIMIT :limit
        SQL
        rows.map { |row| Person.from(row) }
      end

      # Adds one of our own. Raises Refused when that cannot be.
      def sign_up(db, name, password, display_name: "", federated: false)
        name = name.strip.downcase
        raise Refused, "A name has 1 to 30 letters from a to z, digits or underscores." unless NAME.match?(name)

        check_password(password)
        raise Refused, "The name “#{name}” is taken." if by_handle(db, name)

        db.execute(
          "INSERT INTO people (name, password, display_name, federated, created) VALUES (?, ?, ?, ?, ?)",
          [name, Password.hash(password), display_name.strip[0, 60], federated, Clock.stamp]
        )
        one(db, db.last_insert_row_id)
      end

      # Changes the profile of one of our own; announces profile_edited.
      def edit(db, person, display_name:, bio:, fields:, avatar:, locked:, discoverable:, federated:)
        kept = fields.map { |field| { name: field.name.strip[0, 40], value: field.value.strip[0, 200] } }
        kept = kept.reject { |field| field[:value].empty? }.first(MAX_FIELDS)
        db.execute(<<~SQL, [display_name.strip[0, 60], bio.strip[0, 500], kept.to_json, avatar, locked, discoverable,
          UPDATE people SET display_name = ?, bio = ?, fields = ?, avatar = ?, locked = ?, discoverable = ?,
                            federated = ? WHERE id = ? AND uri IS NULL
        SQL
                            federated, person.id])
        edited = one(db, person.id)
        Events.announce(:profile_edited, db: db, person: edited)
        edited
      end

      # Changes a password. Raises Refused when it is too short.
      def set_password(db, person, password)
        check_password(password)
        db.execute("UPDATE people SET password = ? WHERE id = ?", [Password.hash(password), person.id])
      end

      private

      def find(db, where, values)
        row = db.row("SELECT * FROM people WHERE #{where}", values)
        row && Person.from(row)
      end

      def check_password(password)
        return if password.length >= MIN_PASSWORD

        raise Refused, "A password needs at least #{MIN_PASSWORD} characters."
      end
    end
  end
end
