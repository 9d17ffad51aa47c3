# frozen_string_literal: true

# chirp, federated: its people can be followed from other servers, and follow people there.
$LOAD_PATH.unshift File.expand_path("../../lib", __dir__) # fedigraft, in a checkout
require "fedigraft"
require_relative "chirp"

module Federate
  include Chirp
  SITE = Chirp.configure(federated: true)
  FED = Fedigraft::Federation.new(SITE.origin, name: SITE.name, software: { name: "chirp", version: VERSION },
                                  policy: ENV.fetch("CHIRP_POLICY", "strict"), database: -> { Database.connect })

  FED.profile do |db, key| # What chirp has, when fedigraft asks for it.
    own = key.start_with?("@") ? People.by_handle(db, key) : People.get(db, key)
    next unless own&.local?
    Fedigraft::Profile.new(
      id: own.id, username: own.name, display_name: own.display_name, bio: own.bio, federated: own.federated?,
      avatar: own.avatar && Fedigraft::Image.new(own.avatar), locked: own.locked?, discoverable: own.discoverable?,
      fields: own.fields.map { |field| Fedigraft::Field.new(field.name, field.value) }, created: own.created)
  end
  FED.post { |db, key| Posts.get(db, key)&.then { |found| post(found) if found.local? } }
  FED.posts do |db, author, cursor|
    found, total = Posts.by_author(db, People.one(db, author), before: cursor&.to_i)
    Fedigraft::Posts.new(found.map { |own| post(own) }, next: found.last&.id, total: total)
  end

  def self.post(own) = Fedigraft::Post.new(
    id: own.id, author: own.author.id, visibility: own.visibility, content: own.text, sensitive: own.sensitive?,
    in_reply_to: own.reply_to_uri || own.reply_to_id, published: own.published, updated: own.edited,
    spoiler: own.warning[/.+/], language: own.language[/.+/],
    mentions: own.mentions.map { |who| Fedigraft::Mention.new(handle: who.full_handle, uri: who.uri, url: who.url) },
    media: own.media.map { |item| Fedigraft::Media.new(item.url, **item.to_h.except(:url)) })

  # Who and what comes from elsewhere, stored.
  def self.person(db, actor) = Elsewhere.upsert_person(
    db, uri: actor.id, handle: actor.handle.to_s, display_name: actor.display_name, bio_html: actor.bio.text,
    url: actor.url, avatar_url: actor.avatar&.url, locked: actor.locked?,
    fields: actor.fields.map { |field| [field.name, field.value] })

  def self.write(db, author, post, **more) = Elsewhere.upsert_post(
    db, uri: post.id, author: person(db, author), html: post.content.text, url: post.url, title: post.title,
    warning: post.spoiler, sensitive: post.sensitive?, language: post.language, visibility: post.visibility,
    published: post.published, edited: post.updated, reply_to_uri: post.in_reply_to, tags: post.hashtags,
    media: post.media.map { |m| Media.new(m.url, m.media_type.to_s, m.alt.to_s, m.width, m.height) }, **more)

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
      found = Posts.get(db, e.post) || Posts.by_uri(db, e.uri)
      Social.public_send(change, db, person(db, e.actor), found) if found
    end
  end
  FED.on(:profile_updated) { |db, e| person(db, e.actor) }
  FED.on(:profile_deleted) { |db, e| Elsewhere.delete_person(db, e.uri) }

  { post_published: :publish, post_edited: :update, post_deleted: :delete }.each do |event, say| # What our people do.
    Events.ours(event) { |db:, post:| FED.public_send(say, post.id, connection: db) }
  end
  { liked: :like, unliked: :unlike, boosted: :share, unboosted: :unshare }.each do |event, react|
    Events.ours(event) { |db:, person:, post:| FED.public_send(react, person.id, post.uri || post.id, connection: db) }
  end
  { followed: :follow, unfollowed: :unfollow }.each do |event, ask|
    Events.ours(event) do |db:, follower:, followee:, **|
      FED.public_send(ask, follower.id, followee.uri, connection: db) unless followee.local?
    end
  end
  Events.ours(:follow_answered) do |db:, follower:, followee:, accepted:|
    FED.public_send(accepted ? :accept : :reject, followee.id, follower.uri, connection: db) unless follower.local?
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
