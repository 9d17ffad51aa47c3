# frozen_string_literal: true

# What local users do, by name: the friendly methods of +Federation+, on top of +perform+.
#
# A post or a profile is given as such, or by the host's key: then its load is asked, in the same transaction. The
# post that is liked or shared is named by its URI, one of the host's own by its key too.
#
# Each gives the core's result, such as +{ federated: true, uri: "…" }+. With +connection:+ it joins that transaction
# and commits nothing; without, it commits by itself. +follow+, +accept+, +like+ and their opposites may have to fetch
# an actor that is not known yet.
module Fedigraft
  # The actions, on top of +perform+ and +own+.
  module Actions
    # Sends a new post to whom it concerns. Never fetches.
    # @param post [Post, String, Integer] the post or its key
    # @param connection [Object, nil] with an open transaction
    # @return [Hash{Symbol => Object}]
    def publish(post, connection: nil)
      with_document("publish", "post", post, connection)
    end

    # Sends an edit; +post.updated+ says when. Never fetches.
    def update(post, connection: nil)
      with_document("update", "post", post, connection)
    end

    # Tells everybody who got the post that it is gone. Never fetches. By key: before its row goes.
    def delete(post, connection: nil)
      with_document("delete", "post", post, connection)
    end

    # The local profile asks to follow the remote actor.
    # @param profile [String, Integer] the host's key
    # @param actor [String] the actor's URI
    def follow(profile, actor, connection: nil)
      between("follow", profile, actor, connection)
    end

    # The local profile follows the remote actor no longer.
    def unfollow(profile, actor, connection: nil)
      between("unfollow", profile, actor, connection)
    end

    # The local profile lets the remote actor follow.
    def accept(profile, actor, connection: nil)
      between("accept", profile, actor, connection)
    end

    # The local profile does not let the remote actor follow, or not any more.
    def reject(profile, actor, connection: nil)
      between("reject", profile, actor, connection)
    end

    # The local profile likes a post. One of the host's own: nobody elsewhere is told.
    # @param profile [String, Integer] the host's key
    # @param post [String, Integer] the post's URI, or the host's key
    def like(profile, post, connection: nil)
      about("like", profile, post, connection)
    end

    # The local profile takes its like back.
    def unlike(profile, post, connection: nil)
      about("unlike", profile, post, connection)
    end

    # The local profile shares (boosts) a public post.
    def share(profile, post, connection: nil)
      about("share", profile, post, connection)
    end

    # The local profile takes its share back.
    def unshare(profile, post, connection: nil)
      about("unshare", profile, post, connection)
    end

    # Tells followers that a profile changed.
    # @param profile [Profile, String, Integer] the profile or its key
    def update_profile(profile, connection: nil)
      with_document("update_profile", "profile", profile, connection)
    end

    # Tells followers that a profile is gone for good. Its id can never be used again.
    def delete_profile(profile, connection: nil)
      with_document("delete_profile", "profile", profile, connection)
    end

    private

    def with_document(type, load, given, connection)
      document = given.is_a?(Value) ? given.to_h : own(load, given, connection: connection)
      perform({ type: type, load => document }, connection: connection)
    end

    def between(type, profile, actor, connection)
      perform({ type: type, profile: profile.to_s, actor: actor }, connection: connection)
    end

    def about(type, profile, post, connection)
      perform({ type: type, profile: profile.to_s, object: post.to_s }, connection: connection)
    end
  end
end
