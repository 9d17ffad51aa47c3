# frozen_string_literal: true

# Events: what an incoming message means to the host, in the native model, past tense.
#
# +Events.read+ turns the JSON of a +done+ step into one of these classes. +actor+ is always the remote one who
# did it. Handlers are chosen by name or by class: +fed.on(:post_created)+, +fed.on(Events::PostCreated)+.
require_relative "model"

module Fedigraft
  # Something happened, +at+ seconds since the epoch. +extra+ has what this version does not know.
  class Event < Value
    member :at, :integer, required: true
    member :extra, :any, default: {}

    # The name of the event, such as +:post_created+.
    # @return [Symbol]
    def self.type
      @type ||= name.split("::").last.gsub(/(?<!^)(?=[A-Z])/, "_").downcase.to_sym
    end

    # @return [Symbol]
    def type
      self.class.type
    end
  end

  # The events by their classes.
  module Events
    # What somebody elsewhere did: +actor+.
    class Remote < Event
      member :actor, Profile, required: true
    end

    # +actor+ wants to follow the local profile and waits for +accept+ or +reject+.
    class FollowRequested < Remote
      member :profile, :text, required: true
      member :follow, :text
    end

    # +actor+ follows the local profile; it was accepted by itself.
    class Followed < Remote
      member :profile, :text, required: true
      member :follow, :text
    end

    # +actor+ no longer follows the local profile.
    class Unfollowed < Remote
      member :profile, :text, required: true
    end

    # +actor+ let the local profile follow.
    class FollowAccepted < Remote
      member :profile, :text, required: true
    end

    # +actor+ does not let the local profile follow, or not any more.
    class FollowRejected < Remote
      member :profile, :text, required: true
    end

    # A post arrived.
    #
    # +reply_to+ is the local post it answers, +mentioned+ lists the ids of local profiles it names, and
    # +followers?+ is true when it came because local profiles follow its author.
    class PostCreated < Remote
      member :post, Post, required: true
      member :reply_to, :text
      member :mentioned, [:text], default: []
      member :followers, :boolean, default: false
    end

    # A post was edited.
    class PostUpdated < Remote
      member :post, Post, required: true
    end

    # The post with this URI is gone.
    class PostDeleted < Remote
      member :uri, :text, required: true
    end

    # +actor+ likes the local post, which +uri+ names too.
    class Liked < Remote
      member :post, :text, required: true
      member :uri, :text, required: true
    end

    # +actor+ no longer likes the local post, which may be gone by now.
    class Unliked < Remote
      member :post, :text, required: true
      member :uri, :text, required: true
    end

    # +actor+ shared a post: the local one +post+, or +remote_post+ by +author+; +uri+ names it.
    class Shared < Remote
      member :uri, :text, required: true
      member :post, :text
      member :remote_post, Post
      member :author, Profile
    end

    # +actor+ took a share back. +uri+ names the shared post, +post+ is the local one if it was.
    class Unshared < Remote
      member :uri, :text, required: true
      member :post, :text
    end

    # +actor+ changed; it is the new profile.
    class ProfileUpdated < Remote; end

    # The remote profile with this URI is gone, with everything of it.
    class ProfileDeleted < Remote
      member :uri, :text, required: true
    end

    # The delivery of an activity (its URI) to an inbox was given up.
    class DeliveryFailed < Event
      member :activity, :text, required: true
      member :inbox, :text, required: true
    end

    # An event of a newer library; +extra+ is the whole of it.
    class Unknown < Event; end

    # Every event of the core, by its name.
    CLASSES = [
      FollowRequested, Followed, Unfollowed, FollowAccepted, FollowRejected, PostCreated, PostUpdated, PostDeleted,
      Liked, Unliked, Shared, Unshared, ProfileUpdated, ProfileDeleted, DeliveryFailed
    ].to_h { |kind| [kind.type, kind] }.freeze

    # Reads one event of a +done+ step.
    # @param document [Hash]
    # @return [Event]
    def self.read(document)
      kind = CLASSES[document["type"].to_s.to_sym]
      return Unknown.new(at: document["at"].to_i, extra: document) unless kind

      kind.from_h(document.except("type"))
    end

    # The class of an event, by itself or by its name.
    # @param event [Class, Symbol, String]
    # @raise [InvalidArgument] there is none of this name
    def self.class_of(event)
      return event if event.is_a?(Class) && event <= Event

      CLASSES.fetch(event.to_s.to_sym) do
        raise InvalidArgument.new(
          "there is no event of this name; expected one of #{CLASSES.keys.join(", ")}", reason: "unknown_event"
        )
      end
    end
  end
end
