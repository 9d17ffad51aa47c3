# frozen_string_literal: true

module Chirp
  # What happens in chirp. chirp's own notifications hang on these events, and so may anything else.
  #
  # Each is announced INSIDE the open transaction, with `db:` (the connection): what a subscriber writes through it
  # is committed or rolled back together with what happened. A subscriber must be quick and must not go to the
  # network; `db.after_commit { … }` is for what has to wait for the commit. One that raises undoes everything;
  # a Chirp::Refused is shown to the visitor.
  #
  # The same events tell of people from elsewhere; `ours` leaves those out.
  module Events
    NAMES = {
      post_published: %i[db post],
      post_edited: %i[db post], # as it is now
      post_deleted: %i[db post], # the row is still there
      followed: %i[db follower followee state], # "pending" or "accepted"
      unfollowed: %i[db follower followee], # a withdrawn request too
      follow_answered: %i[db follower followee accepted], # true or false
      liked: %i[db person post],
      unliked: %i[db person post],
      boosted: %i[db person post],
      unboosted: %i[db person post],
      profile_edited: %i[db person], # as it is now
      # Someone looks for a full handle ("@bob@site.example") or a URL that chirp does not know. The one event that
      # is announced OUTSIDE any transaction, because finding out may take seconds. A subscriber that knows more
      # stores it in a transaction of its own and gives the Person or Post; others give nil.
      unknown_address: %i[query]
    }.freeze

    @subscribers = NAMES.transform_values { [] }

    class << self
      # Calls the block with the event's keywords whenever it happens. Gives what `off` takes.
      def on(event, &subscriber)
        @subscribers.fetch(event) << subscriber
        [event, subscriber]
      end

      # Calls the block whenever it was one of our own people.
      def ours(event)
        on(event) { |**values| yield(**values) if who(**values).local? }
      end

      # Ends a subscription.
      def off((event, subscriber)) = @subscribers.fetch(event).delete(subscriber)

      # Tells all subscribers. Gives their answers.
      def announce(event, **values)
        unless values.keys == NAMES.fetch(event)
          raise ArgumentError, "#{event} is announced with #{NAMES[event].join(", ")}"
        end

        @subscribers[event].map { |subscriber| subscriber.call(**values) }
      end

      private

      # Who did it: the one asked for an answer, else who follows, likes, boosts, edits or writes.
      def who(follower: nil, followee: nil, accepted: nil, person: nil, post: nil, **)
        return followee unless accepted.nil?

        follower || person || post.author
      end
    end
  end
end
