# frozen_string_literal: true

# The instance: who the host is on the network, and everything that is done in its name.
#
# An immutable handle, safe on any thread. The first half are primitives, each useful alone; the second half
# opens exchanges, which a +Driver+ plays to their end.
require_relative "exchange"
require_relative "keys"
require_relative "model"
require_relative "request"

module Fedigraft
  # Where a request goes, told from its head alone.
  #
  # +ours?+ is false for the host's own pages; then +headers+ are to be added to its answer. +max_body+ is the most
  # bytes of a body that are read.
  class Route < Value
    member :ours, :boolean, required: true
    member :headers, :pairs, default: []
    member :endpoint, :text, default: ""
    member :max_body, :integer, default: 0
  end

  # A server on the network.
  #   Fedigraft::Instance.open("https://chirp.example") { |instance| instance.uri("actor", "1") }
  class Instance < Handle
    # What the instance came to: +origin+, +hosts+, +account_domain+, +policy+, +warnings+ ….
    # @return [Hash{String => Object}]
    attr_reader :described

    # @param origin [String] scheme, host and port of every id, such as +https://chirp.example+
    # @param name [String] of the site, for people
    # @param description [String] one paragraph about the site, plain text
    # @param account_domain [String, nil] the domain in +@user@domain+ when it is not the origin's host
    # @param aliases [Array<String>] further origins that reach this server
    # @param paths [Hash, nil] URL templates, such as +{ post_page: "/@{username}/{id}" }+
    # @param software [Hash, nil] what the server calls itself: +name+, +version+, +repository+, +homepage+
    # @param policy [String, Hash] +strict+, +development+ (plain HTTP, any port, loopback) or +{ base: … }+ with numbers
    # @param loads [Array<String>, nil] the names the host answers; without them only the primitives work
    # @param open_registrations [Boolean] whether anybody may sign up
    # @raise [InvalidArgument] the configuration is wrong; +place+ says where
    def initialize(origin, name: "", description: "", account_domain: nil, aliases: [], paths: nil, software: nil,
                   policy: "strict", loads: nil, open_registrations: false)
      config = Native.document({
        origin: origin, name: name, description: description, account_domain: account_domain, aliases: aliases,
        paths: paths, software: software, policy: policy, loads: loads, open_registrations: open_registrations
      }.compact)
      own(Native.handle(:fedigraft_instance_free) do |out, error|
        Native.fedigraft_instance_new(config, config.bytesize, out, error)
      end)
      @described = json { |here, out, error| Native.fedigraft_instance_describe(here, out, error) }.freeze
    end

    # True when the policy allows plain HTTP, any port and loopback addresses.
    def development?
      described["policy"]["local_network"] ? true : false
    end

    # One of the instance's own URIs.
    #
    # +kind+ is +actor+, +inbox+, +outbox+, +followers+, +following+ or +key+ with a profile id; +post+ with a post id;
    # +activity+ with its id; +tag_page+ with a hashtag; +handle+ with a username; +shared_inbox+, +instance_actor+ or
    # +instance_key+ without.
    # @return [String]
    def uri(kind, key = "")
      kind = kind.name if kind.is_a?(Symbol)
      key = key.to_s unless key.is_a?(String)
      pinned do |here|
        Native.text do |out, error|
          Native.fedigraft_instance_uri(here, kind, kind.bytesize, key, key.bytesize, out, error)
        end
      end
    end

    # A local profile as an ActivityPub actor.
    # @param profile [Profile]
    # @param public_key [PublicKey]
    # @return [Hash{String => Object}]
    def render_profile(profile, public_key)
      profile = Native.document(profile)
      public_key.pinned do |key|
        json do |here, out, error|
          Native.fedigraft_profile_render(here, profile, profile.bytesize, key, out, error)
        end
      end
    end

    # A local post of +profile+ as an ActivityPub object.
    # @param profile [Profile]
    # @param post [Post]
    # @return [Hash{String => Object}]
    def render_post(profile, post)
      profile = Native.document(profile)
      post = Native.document(post)
      json do |here, out, error|
        Native.fedigraft_post_render(here, profile, profile.bytesize, post, post.bytesize, out, error)
      end
    end

    # The WebFinger document of a local profile (RFC 7033).
    # @param profile [Profile]
    # @return [Hash{String => Object}]
    def render_webfinger(profile)
      profile = Native.document(profile)
      json { |here, out, error| Native.fedigraft_webfinger_render(here, profile, profile.bytesize, out, error) }
    end

    # The NodeInfo document.
    # @param version [String] +2.0+ or +2.1+
    # @param usage [Hash, nil] the numbers to publish: +users+, +active_month+, +active_halfyear+, +local_posts+,
    #   +local_comments+
    # @return [Hash{String => Object}]
    def render_nodeinfo(version = "2.1", usage = nil)
      usage = usage ? Native.document(usage) : ""
      json do |here, out, error|
        Native.fedigraft_nodeinfo_render(here, version, version.bytesize, usage, usage.bytesize, out, error)
      end
    end

    # A text as the HTML that travels.
    # @param content [Content, String]
    # @return [Hash{Symbol => Object}] +html+, +mentions+, +hashtags+ and +links+
    def content_to_html(content)
      content = Native.document(content.is_a?(String) ? Content.new(content) : content)
      json do |here, out, error|
        Native.fedigraft_content_to_html(here, content, content.bytesize, out, error)
      end.transform_keys(&:to_sym)
    end

    # Whether a request is for fedigraft. Looks at the head alone.
    # @param request [Request]
    # @return [Route]
    def route(request)
      head = Native.document(request.head)
      found = json { |here, out, error| Native.fedigraft_route(here, head, head.bytesize, out, error) }
      Route.new(
        ours: found["ours"], headers: found["headers"], endpoint: found["endpoint"], max_body: found["max_body"]
      )
    end

    # Answers a request that {route} called ours.
    # @param now [Integer] seconds since the epoch
    # @param request [Request]
    # @return [Exchange]
    def receive(now, request)
      head = Native.document(request.head)
      body = request.body
      exchange do |here, out, error|
        Native.fedigraft_receive(here, now, head, head.bytesize, body, body.bytesize, out, error)
      end
    end

    # Does what a local user does: +publish+, +follow+ ….
    # @param action [Hash]
    # @return [Exchange]
    # @raise [InvalidArgument, Refused] the action is wrong or not allowed
    def perform(now, action)
      begun(:fedigraft_perform, now, Native.document(action))
    end

    # Finds what a handle or a URL names.
    # @param query [String]
    # @return [Exchange]
    def look_up(now, query)
      begun(:fedigraft_look_up, now, Native.input(query, "query"))
    end

    # Goes on with a job.
    # @param job [Hash]
    # @return [Exchange]
    def resume(now, job)
      begun(:fedigraft_resume, now, Native.document(job))
    end

    # Tries a delivery.
    # @param delivery [Hash]
    # @return [Exchange]
    def send_delivery(now, delivery)
      begun(:fedigraft_send, now, Native.document(delivery))
    end

    private

    def begun(function, now, input)
      exchange { |here, out, error| Native.public_send(function, here, now, input, input.bytesize, out, error) }
    end

    def exchange
      pinned { |here| Exchange.new { |out, error| yield here, out, error } }
    end

    def json
      pinned { |here| Native.json { |out, error| yield here, out, error } }
    end
  end
end
