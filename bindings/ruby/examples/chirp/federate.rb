# frozen_string_literal: true

# chirp, federated: its people can be followed from other servers, and follow people there.
$LOAD_PATH.unshift File.expand_path("../../lib", __dir__) # in a checkout
require "fedigraft"
require_relative "chirp"

module Federate
  include Chirp
  SITE = Chirp.configure(federated: true)
  FED = Fedigraft::Federation.new(SITE.origin, name: SITE.name, database: -> { Database.connect },
                                  software: { name: "chirp", version: VERSION }, policy: ENV.fetch("CHIRP_POLICY", "strict"))

  FED.profile do |db, key| # What chirp has, when fedigraft asks for it.
    p = key.start_with?("@") ? People.by_handle(db, key) : People.get(db, key)
    p&.local? ? Fedigraft::Profile.new(
      id: p.id, username: p.name, display_name: p.display_name, bio: p.bio, federated: p.federated?, locked: p.locked?,
      avatar: p.avatar && Fedigraft::Image.new(p.avatar), fields: p.fields.map { |f| Fedigraft::Field.new(f.name, f.value) },
      discoverable: p.discoverable?, created: p.created) : nil
  end

  def self.own(p)
    Fedigraft::Post.new(
      id: p.id, author: p.author.id, visibility: p.visibility, content: p.text, published: p.published, updated: p.edited,
      in_reply_to: p.reply_to_uri || p.reply_to_id, sensitive: p.sensitive?, spoiler: p.warning.empty? ? nil : p.warning,
      language: p.language.empty? ? nil : p.language,
      mentions: p.mentions.map { |m| Fedigraft::Mention.new(handle: m.full_handle, uri: m.uri, url: m.url) },
      media: p.media.map { |m| Fedigraft::Media.new(m.url, **m.to_h.except(:url)) })
  end

  FED.post { |db, key| (p = Posts.get(db, key))&.local? ? own(p) : nil }

  FED.posts do |db, author, cursor|
    found, total = Posts.by_author(db, People.one(db, author), before: cursor&.to_i)
    Fedigraft::Posts.new(found.map { |p| own(p) }, next: found.last&.id, total: total)
  end

  def self.person(db, a) # Who and what comes from elsewhere, stored.
    Elsewhere.upsert_person(db, uri: a.id, handle: a.handle.to_s, display_name: a.display_name, bio_html: a.bio.text, url: a.url,
                                locked: a.locked?, avatar_url: a.avatar&.url, fields: a.fields.map { |f| [f.name, f.value] })
  end

  def self.write(db, author, p, **more)
    Elsewhere.upsert_post(
      db, uri: p.id, author: person(db, author), html: p.content.text, url: p.url, title: p.title, warning: p.spoiler,
          sensitive: p.sensitive?, language: p.language, visibility: p.visibility, published: p.published, edited: p.updated,
          reply_to_uri: p.in_reply_to, tags: p.hashtags, **more,
          media: p.media.map { |m| Media.new(m.url, m.media_type.to_s, m.alt.to_s, m.width, m.height) })
  end

  FED.on(:followed, :follow_requested) { |db, e| Social.follow(db, person(db, e.actor), People.one(db, e.profile)) }
  FED.on(:unfollowed) { |db, e| Social.unfollow(db, person(db, e.actor), People.one(db, e.profile)) }
  FED.on(:follow_accepted, :follow_rejected) do |db, e|
    Social.answer_follow(db, People.one(db, e.profile), person(db, e.actor), accepted: e.type == :follow_accepted)
  end
  FED.on(:post_created) do |db, e|
    write(db, e.actor, e.post, reply_to_id: e.reply_to, mentions: e.mentioned.map { |key| People.one(db, key) })
  end
  FED.on(:post_updated) { |db, e| write(db, e.actor, e.post) }
  FED.on(:post_deleted) { |db, e| Elsewhere.delete_post(db, e.uri) }
  FED.on(:shared) { |db, e| write(db, e.author, e.remote_post) if e.remote_post }
  { liked: :like, unliked: :unlike, shared: :boost, unshared: :unboost }.each do |event, change|
    FED.on(event) do |db, e|
      post = Posts.get(db, e.post) || Posts.by_uri(db, e.uri)
      Social.public_send(change, db, person(db, e.actor), post) if post
    end
  end
  FED.on(:profile_updated) { |db, e| person(db, e.actor) }
  FED.on(:profile_deleted) { |db, e| Elsewhere.delete_person(db, e.uri) }

  { post_published: :publish, post_edited: :update, post_deleted: :delete }.each do |event, say| # What our own people do.
    Events.ours(event) { |db:, post:| FED.public_send(say, post.id, connection: db) }
  end
  { liked: :like, unliked: :unlike, boosted: :share, unboosted: :unshare }.each do |event, react|
    Events.ours(event) { |db:, person:, post:| FED.public_send(react, person.id, post.uri || post.id, connection: db) }
  end
  { followed: :follow, unfollowed: :unfollow }.each do |event, ask|
    Events.ours(event) { |db:, follower:, followee:, **| FED.public_send(ask, follower.id, followee.uri, connection: db) if followee.uri }
  end
  Events.ours(:follow_answered) do |db:, follower:, followee:, accepted:|
    FED.public_send(accepted ? :accept : :reject, followee.id, follower.uri, connection: db) if follower.uri
  end
  Events.ours(:profile_edited) { |db:, person:| FED.update_profile(person.id, connection: db) }

  Events.on(:unknown_address) do |query:|
    found = FED.look_up(query)
    next if found&.profile.nil? || found.local

    Database.transaction { |db| found.post ? write(db, found.profile, found.post) : person(db, found.profile) }
  end

  APP = FED.rack(App)
  Commands.run(ARGV, app: APP, worker: FED) if $PROGRAM_NAME == __FILE__
end
