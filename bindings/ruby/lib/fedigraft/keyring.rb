# frozen_string_literal: true

# Key pairs of local actors: made on first use, kept in the store, used to sign.
#
# The row in the database is read at every use and is what counts; the parsed form of a PEM is remembered, so that
# a fan-out parses it once.
require_relative "keys"

module Fedigraft
  # The keys in the store.
  # @api private
  module Keyring
    REMEMBERED = 64
    FIND = "SELECT private_pem FROM fedigraft_keys WHERE actor = ?"
    private_constant :REMEMBERED, :FIND

    @parsed = {}
    @lock = Mutex.new

    module_function

    # The public half for the +key+ load.
    def public(session, actor, now)
      {
        "key_id" => "#{actor}#main-key", "algorithm" => "rsa",
        "public_key_pem" => parsed(pem(session, actor, now)).public_pem
      }
    end

    # Signs with the key of a local actor.
    def sign(session, actor, data, now)
      parsed(pem(session, actor, now)).sign(data)
    end

    # The private PEM; a new one when the actor has none. The first of two writers wins.
    def pem(session, actor, now)
      found = session.row(FIND, [actor])
      unless found
        made = PrivateKey.generate(&:to_pem)
        session.execute(
          "INSERT INTO fedigraft_keys (actor, private_pem, created_at) VALUES (?, ?, ?) ON CONFLICT (actor) DO NOTHING",
          [actor, made, now]
        )
        found = session.row(FIND, [actor])
      end
      found or raise Internal.new("a key pair that was just written is not there", reason: "key_missing")
      found.first
    end

    # The key of a PEM; the one not asked for the longest is let go when there are many.
    def parsed(pem)
      @lock.synchronize do
        key = @parsed.delete(pem) || PrivateKey.new(pem)
        @parsed.shift if @parsed.size >= REMEMBERED
        @parsed[pem] = key
      end
    end
  end
end
