# frozen_string_literal: true

# The store: answers the load names that are fedigraft's own, and applies the entries of a +done+.
#
# Documents come from the core and go back to it as they are; only what is searched for has a column of its own
# (+schema.sql+). Every function works through a session, so that the host's transaction holds all of it.
require "json"
require_relative "keyring"
require_relative "store/lists"

module Fedigraft
  # The tables as the core sees them: loads and store entries.
  # @api private
  module Store
    # The load names answered here; the host answers +profile+, +post+, +posts+ and +blocked+.
    NAMES = %w[
      activity follow followers following inboxes key local_followers once origin remote_actor remote_key remote_post
      tombstone
    ].freeze
    ONCE_SECONDS = 180 * 86_400
    DUE = "(expires_at IS NULL OR expires_at > ?)"
    private_constant :ONCE_SECONDS, :DUE

    module_function

    # The value for one name and key, or +nil+ when it is known not to exist.
    def load(session, wanted, now)
      return Lists.page(session, wanted) if Lists::COLUMNS.key?(wanted.name)
      return Keyring.public(session, wanted.key, now) if wanted.name == "key"
      return noted(session, wanted.key) if wanted.name == "once"
      return by_handle(session, wanted.key, now) if wanted.name == "remote_actor" && wanted.key.start_with?("acct:")

      table, keys = place(wanted.name, wanted.key)
      document(session, "SELECT document FROM #{table} WHERE #{where(keys)} AND #{DUE}", [*keys.values, now])
    end

    # Applies store entries in order.
    def apply(session, entries, now)
      entries.each do |entry|
        table, keys = place(entry["name"], entry["key"])
        case entry["op"]
        when "remove" then remove(session, entry, table, keys)
        when "put", "put_if_newer", "add"
          # What has expired counts as absent.
          session.execute("DELETE FROM #{table} WHERE #{where(keys)} AND expires_at <= ?", [*keys.values, now])
          put(session, entry["op"], table, keys, columns(session, entry, keys))
        else
          raise Internal.new("the core asks for a store operation this gem does not know", reason: "bad_op")
        end
      end
    end

    # Notes all keys as done; false, and nothing noted, when one of them is there already.
    def enter_once(session, keys, now)
      entered = []
      # In one order everywhere, so that two transactions cannot wait for each other.
      keys.sort.each do |key|
        sql = "INSERT INTO fedigraft_once (key, done_at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING"
        if session.execute(sql, [key, now]) != 1
          entered.each { |own| session.execute("DELETE FROM fedigraft_once WHERE key = ?", [own]) }
          return false
        end
        entered << key
      end
      true
    end

    # Drops what has expired, and notes of what was done half a year ago.
    def purge(session, now)
      %w[documents actors follows].each do |table|
        session.execute("DELETE FROM fedigraft_#{table} WHERE expires_at <= ?", [now])
      end
      session.execute("DELETE FROM fedigraft_once WHERE done_at <= ?", [now - ONCE_SECONDS])
    end

    # The table a document lives in, and the columns that name it.
    def place(name, key)
      case name
      when "follow"
        follower, _, followee = key.partition(" ")
        ["fedigraft_follows", { "follower" => follower, "followee" => followee }]
      when "remote_actor" then ["fedigraft_actors", { "id" => key }]
      else ["fedigraft_documents", { "name" => name, "key" => key }]
      end
    end

    def where(keys)
      keys.keys.map { |column| "#{column} = ?" }.join(" AND ")
    end

    def noted(session, key)
      session.row("SELECT 1 FROM fedigraft_once WHERE key = ?", [key]) && true
    end

    def by_handle(session, key, now)
      sql = "SELECT document FROM fedigraft_actors WHERE handle = ? AND #{DUE} ORDER BY version DESC, id"
      document(session, sql, [key.downcase, now])
    end

    def document(session, sql, parameters)
      row = session.row(sql, parameters)
      row && JSON.parse(row.first, max_nesting: false)
    end

    def remove(session, entry, table, keys)
      if entry["name"] == "inboxes"
        # Nobody is behind this inbox any more: whoever it reached follows no longer.
        session.execute("DELETE FROM fedigraft_follows WHERE inbox = ?", [entry["key"]])
        return
      end
      session.execute("DELETE FROM #{table} WHERE #{where(keys)}", keys.values)
      return unless entry["name"] == "remote_actor"

      # Nobody follows, and is followed by, an actor that is gone.
      %w[follower followee].each { |column| session.execute("DELETE FROM fedigraft_follows WHERE #{column} = ?", keys.values) }
    end

    # The columns beside the key; those that are searched for are copied out of the document.
    def columns(session, entry, keys)
      value = entry["value"]
      columns = {
        "version" => entry["version"] || 0, "expires_at" => entry["expires"],
        "document" => JSON.generate(value, max_nesting: 0)
      }
      case entry["name"]
      when "follow"
        sql = "SELECT COALESCE(shared_inbox, inbox) AS inbox FROM fedigraft_actors WHERE id = ?"
        inbox = session.row(sql, [keys["follower"]])&.first
        columns.merge("state" => value["state"], "inbox" => inbox)
      when "remote_actor"
        handle = value["handle"].to_s
        handle = handle.empty? ? nil : "acct:#{handle.delete_prefix("acct:").delete_prefix("@").downcase}"
        columns.merge("handle" => handle, "inbox" => value["inbox"], "shared_inbox" => value["shared_inbox"])
      else columns
      end
    end

    def put(session, operation, table, keys, columns)
      row = keys.merge(columns)
      marks = Array.new(row.size, "?").join(", ")
      sql = "INSERT INTO #{table} (#{row.keys.join(", ")}) VALUES (#{marks}) ON CONFLICT (#{keys.keys.join(", ")}) DO "
      sql += conflict(operation, table, columns.keys)
      return if session.execute(sql, row.values).zero? || table != "fedigraft_actors"

      shared, own = columns.values_at("shared_inbox", "inbox")
      inbox = shared.to_s.empty? ? own : shared
      session.execute("UPDATE fedigraft_follows SET inbox = ? WHERE follower = ?", [inbox, keys["id"]])
    end

    def conflict(operation, table, columns)
      return "NOTHING" if operation == "add"

      sql = "UPDATE SET #{columns.map { |column| "#{column} = excluded.#{column}" }.join(", ")}"
      operation == "put_if_newer" ? "#{sql} WHERE #{table}.version < excluded.version" : sql
    end
  end
end
