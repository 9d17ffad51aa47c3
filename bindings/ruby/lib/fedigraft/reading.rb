# frozen_string_literal: true

# Reading foreign documents: posts, profiles and activities from the wire, and their HTML.
#
# None of these needs an instance, and none proves who wrote a document: that is the exchange's work.
require_relative "model"
require_relative "native"

module Fedigraft
  class << self
    # Reads an ActivityPub object as a post; its HTML is sanitised.
    # @param data [String] JSON
    # @return [Post]
    # @raise [Malformed, Unsupported, TooLarge] it is not one, of another kind, or over a bound
    def read_post(data)
      data = Native.input(data, "data")
      Post.from_h(Native.json { |out, error| Native.fedigraft_post_read(data, data.bytesize, out, error) }["post"])
    end

    # Reads an ActivityPub actor as a profile; its HTML is sanitised.
    # @param data [String] JSON
    # @return [Profile]
    # @raise [Malformed, Unsupported, TooLarge] it is not one, of another kind, or over a bound
    def read_profile(data)
      data = Native.input(data, "data")
      read = Native.json { |out, error| Native.fedigraft_profile_read(data, data.bytesize, out, error) }
      Profile.from_h(read["profile"])
    end

    # Reads an activity: +id+, +type+, +actor+, +object+, +others+, +target+, +to+, +cc+, +published+. An object is its
    # URI or the document itself.
    # @param data [String] JSON
    # @return [Hash{String => Object}]
    # @raise [Malformed] it is not one
    def read_activity(data)
      data = Native.input(data, "data")
      Native.json { |out, error| Native.fedigraft_activity_read(data, data.bytesize, out, error) }
    end

    # Foreign HTML with everything removed but what a post may have.
    # @param html [String]
    # @return [String]
    def sanitise(html)
      html = Native.input(html, "html")
      Native.text { |out, error| Native.fedigraft_html_sanitise(html, html.bytesize, out, error) }
    end

    # The plain text of HTML, for notifications and search.
    # @param html [String]
    # @return [String]
    def html_to_text(html)
      html = Native.input(html, "html")
      Native.text { |out, error| Native.fedigraft_html_to_text(html, html.bytesize, out, error) }
    end

    # The version of the native library, such as +0.1.0+.
    # @return [String]
    def library_version
      Native.fedigraft_version
    end

    # What the native library can do: signature schemes, kinds of keys, content formats.
    # @return [Hash{String => Object}]
    def features
      Native.json { |out, error| Native.fedigraft_features(out, error) }
    end
  end
end
