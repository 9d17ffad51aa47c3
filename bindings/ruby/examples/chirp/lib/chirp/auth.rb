# frozen_string_literal: true

require "digest"
require "openssl"
require_relative "password"
require_relative "people"

module Chirp
  # Who is asking: passwords and the session.
  #
  # The session keeps the person's id and a stamp of their password hash, so that a new password ends all sessions.
  module Auth
    # The person who is logged in, or nil.
    def viewer
      return @viewer if defined?(@viewer)

      @viewer = session["person"] && known(session["person"], session["stamp"].to_s)
    rescue Database::NotPrepared # the error page must still come
      @viewer = nil
    end

    # The person with this name and password. Takes equally long for a name that does not exist.
    def check_password(name, password)
      row = db.row("SELECT * FROM people WHERE name = ? AND uri IS NULL", [name.strip.delete_prefix("@")])
      right = Password.right?(row ? row["password"] : Password.nobody, password)
      Person.from(row) if row && right
    end

    # Begins a session. What the visitor had before it, its CSRF token too, is dropped.
    def log_in(person)
      session.clear
      session["person"] = person.id
      session["stamp"] = stamp(db.get_first_value("SELECT password FROM people WHERE id = ?", [person.id]))
    end

    # Ends the session.
    def log_out = session.clear

    # For `auth: true` on a page that needs a login.
    def ask_to_log_in
      flash "Please log in first."
      redirect "/login?#{Rack::Utils.build_query(next: request.get? ? here : "/")}"
    end

    private

    def known(id, shown)
      row = db.row("SELECT * FROM people WHERE id = ? AND uri IS NULL", [id])
      Person.from(row) if row && OpenSSL.secure_compare(stamp(row["password"]), shown)
    end

    def stamp(hash) = Digest::SHA256.hexdigest(hash)[0, 16]
  end
end
