# frozen_string_literal: true

# The native model: posts and profiles, as a host maps them to its tables without knowing ActivityPub.
#
# A *local* document comes from the host: its +id+ is the host's own key. A *remote* one comes from the
# network: its +id+ is a URI and its text is sanitised HTML. All are immutable; +with+ makes a changed copy.
# The members are those of the Rust types +fedigraft::model+.
require_relative "value"

module Fedigraft
  # A text and how it is written: +plain+, +markdown+ (CommonMark) or +html+.
  #   Content.new("**Hello**", format: "markdown")
  class Content < Value
    member :text, :text, default: "", place: true
    member :format, :word, default: "plain"
  end

  # Somebody named in a post. For a local post a handle or a URI is enough.
  class Mention < Value
    member :handle, :text
    member :uri, :text
    member :url, :text
  end

  # A custom emoji: a picture for +:shortcode:+.
  class Emoji < Value
    member :shortcode, :text, required: true, place: true
    member :url, :text, required: true, place: true
    member :media_type, :text
  end

  # A picture, sound, video or file of a post.
  #
  # +url+ may be a path on the instance's origin. +alt+ says what it shows; +width+ and +height+ are pixels,
  # +duration+ seconds; +focal_point+ is the point to keep when cropping, x and y from -1 (left, bottom) to 1.
  class Media < Value
    member :url, :text, required: true, place: true
    member :media_type, :text
    member :alt, :text
    member :width, :integer
    member :height, :integer
    member :blurhash, :text
    member :focal_point, [:number]
    member :duration, :number
  end

  # A link a post is about.
  class Link < Value
    member :url, :text, required: true, place: true
    member :title, :text
  end

  # One answer of a poll, and how many chose it when that is told.
  class PollOption < Value
    member :title, :text, required: true, place: true
    member :votes, :integer
  end

  # The poll of a +question+. Only read so far: a local post cannot have one.
  class Poll < Value
    member :options, [PollOption], required: true
    member :multiple, :boolean, default: false
    member :ends, :time
    member :closed, :time
    member :voters, :integer
  end

  # Who is allowed at once and who after the author agrees: +public+, +followers+, +following+, +author+ or URIs.
  class InteractionRule < Value
    member :automatic, [:text], default: []
    member :manual, [:text], default: []
  end

  # Who may reply to, like, share and quote a post. A rule that is +nil+ says nothing.
  class InteractionPolicy < Value
    member :reply, InteractionRule
    member :like, InteractionRule
    member :share, InteractionRule
    member :quote, InteractionRule
  end

  # A post.
  #
  # +id+:: local: the host's key, which goes into the URI. Remote: the object's URI.
  # +author+:: local: the profile's id. Remote: the actor's URI.
  # +visibility+:: +public+, +unlisted+, +followers+ or +direct+. There is no default.
  # +kind+:: +note+, +article+, +question+, +page+, +image+, +video+, +audio+, +event+ or, remote, another word.
  # +url+:: the page to read it on; the instance's +post_page+ when absent.
  # +in_reply_to+, +quote+:: another post: a URI, or the host's post id.
  # +title+, +spoiler+:: plain text; an article has the one, a content warning is the other.
  # +sensitive+:: media are hidden until asked for.
  # +language+:: a BCP 47 tag such as +en+ or +pt-BR+.
  # +mentions+, +hashtags+:: those of the text are found without help; hashtags without +#+.
  # +updated+:: when it was last edited; an edit needs it.
  # +not_before+:: do not deliver before this time, in seconds since the epoch. Never leaves the server.
  # +extra+:: members of a stored document that this version does not know. Never rendered.
  class Post < Value
    member :id, :key, required: true
    member :author, :key, required: true
    member :visibility, :word, required: true
    member :content, Content, default: Content.new
    member :kind, :word, default: "note"
    member :url, :text
    member :in_reply_to, :key
    member :quote, :key
    member :title, :text
    member :spoiler, :text
    member :sensitive, :boolean, default: false
    member :language, :text
    member :mentions, [Mention], default: []
    member :hashtags, [:text], default: []
    member :emojis, [Emoji], default: []
    member :media, [Media], default: []
    member :links, [Link], default: []
    member :poll, Poll
    member :published, :time
    member :updated, :time
    member :interaction_policy, InteractionPolicy
    member :not_before, :integer
    member :extra, :any, default: {}

    # Anybody may see it, in public timelines too.
    def public?
      visibility == "public"
    end

    # Anybody may see it who knows where.
    def unlisted?
      visibility == "unlisted"
    end

    # Followers of the author see it.
    def followers_only?
      visibility == "followers"
    end

    # Only those see it who are mentioned.
    def direct?
      visibility == "direct"
    end

    # It answers another post.
    def reply?
      !in_reply_to.nil?
    end
  end

  # A picture of a profile. +url+ may be a path on the instance's origin.
  class Image < Value
    member :url, :text, required: true, place: true
    member :media_type, :text
    member :alt, :text
  end

  # A line of a profile: a label and a text or URL.
  class Field < Value
    member :name, :text, required: true, place: true
    member :value, :text, required: true, place: true
    member :verified_at, :time
  end

  # A person, group, bot or organisation.
  #
  # +id+:: local: the host's permanent key; a rename never changes the actor. Remote: the actor's URI.
  # +username+:: the name in the handle. May change.
  # +federated+:: takes part in federation. False unless you say so: then nothing of it is served.
  # +locked+:: followers wait for approval.
  # +discoverable+:: may be shown in directories.
  # +indexable+:: public posts may be found by search.
  # +handle+:: such as +@alice@example.com+; worked out for local profiles.
  # +kind+:: +person+, +group+, +service+, +organization+ or +application+.
  # +moved_to+:: the URI of the actor this one moved to.
  # +also_known_as+:: URIs of other actors of the same person.
  # +url+:: the page to see it on; the instance's +profile_page+ when absent.
  # +extra+:: members of a stored document that this version does not know. Never rendered.
  class Profile < Value
    member :id, :key, required: true
    member :username, :text, required: true
    member :display_name, :text, default: ""
    member :bio, Content, default: Content.new
    member :avatar, Image
    member :header, Image
    member :fields, [Field], default: []
    member :kind, :word, default: "person"
    member :federated, :boolean, default: false
    member :locked, :boolean, default: false
    member :discoverable, :boolean, default: false
    member :indexable, :boolean, default: false
    member :handle, :text
    member :moved_to, :text
    member :also_known_as, [:text], default: []
    member :created, :time
    member :url, :text
    member :extra, :any, default: {}
  end

  # A page of posts, newest first: the answer to +posts+.
  #
  # +next+ is the cursor of the page after this one, +nil+ on the last; +total+ counts all public posts.
  class Posts < Value
    member :items, [Post], required: true, place: true
    member :next, :key
    member :total, :integer

    # As +Value#to_h+; the items are told also when there are none.
    def to_h
      { items: items.map(&:to_h), next: self.next, total: total }
    end
  end
end
