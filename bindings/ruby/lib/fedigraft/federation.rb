# frozen_string_literal: true

# The friendly face: one object that joins the host's users, posts and database to the fediverse.
#
# The host answers what it is asked (+fed.profile+, +fed.post+, +fed.posts+), is told what happened (+fed.on+), says
# what its users do (+fed.publish+ …), and puts +fed.rack+ in front of its application. With an open connection an
# action joins the host's transaction and commits nothing itself.
require "monitor"
require_relative "actions"
require_relative "inbound"
require_relative "network"
require_relative "worker"

module Fedigraft
  # What a look-up found: a profile, or a post with its author's +profile+.
  #
  # +uri+ names it; +local+ is the host's own id when it is one of its own.
  class Found < Value
    member :uri, :text, required: true
    member :profile, Profile
    member :post, Post
    member :local, :text
  end

  # Federation for one server.
  #   fed = Fedigraft::Federation.new("https://chirp.example", database: -> { SQLite3::Database.new("chirp.db") })
  class Federation
    include Actions

    # @param origin [String] scheme, host and port of every id, such as +https://chirp.example+
    # @param database [#call, #with_connection, #with, String] a lambda that opens a new connection to the host's database, one
    #   with a block parameter that yields one, a pool, +ActiveRecord::Base+, or the path of a SQLite file to keep for itself
    # @param fetch [#call, nil] makes requests in place of the default fetcher: +(Fetch) -> Fetched+; must raise
    #   {FetchFailed} when it cannot
    # @param ca_file [String, nil] certificates for the default fetcher to trust beside the system's, as PEM
    # @param most_fetching [Integer] how many requests from elsewhere may wait for a fetch at once; further ones are
    #   answered 503, so that slow strangers never hold all of the site's workers
    # @param clock [#call] the time in seconds since the epoch
    # @param around [#call, nil] wraps each run of a worker, as Rails' executor does
    # @param options as for {Instance}: +name description account_domain aliases paths software policy
    #   open_registrations+
    # @raise [InvalidArgument] the configuration is wrong; +place+ says where
    def initialize(origin, database:, fetch: nil, ca_file: nil, most_fetching: 4, clock: -> { Time.now.to_f },
                   around: nil, **options)
      @open = ->(**loads) { Instance.new(origin, **options, **loads) }
      # A mistake in the configuration shows here, not at the first request.
      seconds = @open.call.with { |instance| instance.described["policy"]["fetch_seconds"] }
      network = Network.new(timeout: seconds, ca_file: ca_file)
      fetch = fetch ? ->(step, _) { fetch.call(step) } : ->(step, cancelled) { network.fetch(step, cancelled: cancelled) }
      @host = Host.new
      @driver = Driver.new(fetch, clock)
      @inbound_driver = Driver.new(fetch, clock, most_fetching: most_fetching)
      @database = Database.new(database)
      @around = around
      @workers = []
      @lock = Monitor.new
    end

    # Registers +{ |connection, key| Profile or nil }+. The key is a profile's id, or +@username+.
    def profile(&block)
      @host.answer("profile", block)
    end

    # Registers +{ |connection, id| Post or nil }+.
    def post(&block)
      @host.answer("post", block)
    end

    # Registers +{ |connection, profile_id, cursor| Posts }+: public posts, newest first.
    #
    # The cursor is +nil+ for the first page, then the +next+ of the page before.
    def posts(&block)
      @host.answer("posts", block)
    end

    # Registers +{ |connection, key| true or false }+: whether a host name or an actor's URI is blocked.
    def blocked(&block)
      @host.answer("blocked", block)
    end

    # Registers a handler +{ |connection, event| }+ for one or several events, by their names or classes.
    #
    # It runs inside the transaction that stores what came with the event; if it raises, nothing is stored and the
    # sender tries again.
    # @param events [Array<Symbol, String, Class>]
    # @raise [InvalidArgument] there is no event of this name
    def on(*events, &block)
      kinds = events.map { |event| Events.class_of(event) }
      kinds.each { |kind| @host.handle(kind, block) }
      block
    end

    # Registers a block that is called with +(queue, id, due_at)+ for each row of work that was committed here, so that
    # another queue can run it: see {Sidekiq}.
    def on_work(&block)
      @on_work = block
    end

    # The instance, opened at first use with the loads that are registered by then.
    # @return [Instance]
    def instance
      @instance || @lock.synchronize { @instance ||= opened }
    end

    # Does any action of the core.
    #
    # With +connection:+ everything is read and written there, and the host commits. Without, a connection is opened,
    # committed and closed; with Active Record the transaction that is open on this thread is joined by itself.
    # @param action [Hash] such as +{ type: "publish", post: { … } }+
    # @return [Hash{Symbol => Object}]
    # @raise [Refused] +fetch_in_transaction+ when something has to be fetched first inside the host's transaction: none
    #   stays open while the network is waited for. Call {look_up} before it.
    def perform(action, connection: nil)
      exchange = instance.perform(@driver.now, action)
      connection ||= @database.current
      return finish(@driver.run(exchange, alone)) unless connection

      exchange.with do
        session = @database.join(connection)
        done = Driver.new(NO_FETCH, @driver.method(:now)).run(exchange, Host::Joined.new(@host, session))
        Commit.apply(session, done, @host.handlers, @driver.now)
        result_of(done)
      end
    end

    # Finds a profile or a post by +@user@domain+ or URL, here or elsewhere. May fetch.
    # @param query [String]
    # @return [Found, nil]
    # @raise [InvalidArgument] the text is neither a handle nor a URL
    # @raise [Failed] a server could not be reached; +retryable?+ says whether to try again
    def look_up(query)
      result = finish(@driver.run(instance.look_up(@driver.now, query), alone))
      return if result.empty?

      profile, post = result.values_at(:profile, :post)
      Found.new(
        uri: result[:uri] || (post || profile || {}).fetch("id", ""), local: result[:local],
        profile: profile && Profile.from_h(profile), post: post && Post.from_h(post)
      )
    end

    # The Rack application with federation in front of it.
    # @param app [#call]
    # @return [Rack::Middleware]
    def rack(app)
      require_relative "rack"
      Rack::Middleware.new(app, self)
    end

    # Answers requests; for a server interface that is not Rack.
    # @return [Inbound]
    def inbound
      @inbound || @lock.synchronize do
        @inbound ||= Inbound.new(instance, @inbound_driver, @host, @database) { |done| committed(done) }
      end
    end

    # A worker for this process: +fed.worker { serve }+ runs it around the block, +fed.worker.start+ by hand.
    # @param threads [Integer] how many at once
    # @param poll [Numeric] seconds between two looks at the queue
    # @return [Worker, Object] the worker, or what the block gave
    def worker(threads: 2, poll: 1.0, &block)
      made = new_worker(threads: threads, poll: poll)
      @lock.synchronize { @workers << made }
      block ? made.around(&block) : made
    end

    # Runs jobs and deliveries until SIGTERM: what the command +fedigraft work+ does.
    def work(threads: 2)
      worker(threads: threads).run
    end

    # Runs jobs and deliveries on this thread until nothing is due.
    # @return [Integer] the number of runs
    def drain
      new_worker.drain
    end

    # Runs one row of work, as +on_work+ named it.
    # @return [Boolean, Exception] true when it was run, false when there was nothing to do, the error when it failed and
    #   is kept for later
    def run_work(queue, id)
      new_worker.run_row(queue, id)
    end

    # Calls the block of {on_work} for every row that is due: from a clock, or after a transaction of the host.
    # @return [Integer] how many
    def hand_over(limit: 1000)
      rows = @database.session { |session| Leases.due(session, @driver.now, limit) }
      rows.each { |row| @on_work&.call(*row) }
      rows.size
    end

    # The host's post or profile with this key, as its load tells it.
    # @param load [String] +post+ or +profile+
    # @return [Hash]
    # @raise [InvalidArgument] +not_found+
    def own(load, key, connection: nil)
      instance
      wanted = Wanted.new(load, key.to_s)
      connection ||= @database.current
      found = if connection
                @host.load(@database.join(connection), wanted, @driver.now)
              else
                @database.session { |session| @host.load(session, wanted, @driver.now) }
              end
      return found[:value] if found

      raise InvalidArgument.new("the host's `#{load}` block has nothing for this key", reason: "not_found", place: load)
    end

    # @return [String]
    def inspect
      "#<#{self.class.name}>"
    end

    NO_FETCH = lambda do |_step, _cancelled|
      raise Refused.new(
        "this needs a document from another server, and a transaction is open; call look_up with the URI before the " \
        "transaction begins", reason: "fetch_in_transaction"
      )
    end
    private_constant :NO_FETCH

    private

    def opened
      instance = @open.call(loads: @host.names)
      instance.described.fetch("warnings", []).each { |warning| Fedigraft.logger.warn(warning) }
      instance
    rescue InvalidArgument => e
      raise unless e.reason == "missing_load"

      raise InvalidArgument.new(
        "#{e.sentence}: register it with fed.profile, fed.post, fed.posts", reason: e.reason, place: e.place
      )
    end

    def alone
      Host::Alone.new(@host, @database)
    end

    def new_worker(**options)
      Worker.new(
        -> { instance }, @driver, @host, @database, around: @around, committed: method(:committed), **options
      )
    end

    def finish(done)
      if done.effects?
        @database.transaction { |session| Commit.apply(session, done, @host.handlers, @driver.now) }
        committed(done)
      end
      result_of(done)
    end

    def result_of(done)
      (done.result || {}).transform_keys(&:to_sym)
    end

    # There may be work now: the workers of this process look, and another queue is told.
    def committed(done)
      @lock.synchronize { @workers.dup }.each(&:wake) unless done.jobs.empty? && done.deliveries.empty?
      return unless @on_work

      done.jobs.each { |row| @on_work.call("jobs", row["id"], row["not_before"].to_i) }
      done.deliveries.each { |row| @on_work.call("deliveries", row["id"], row["not_before"].to_i) }
    rescue StandardError => e
      # The rows are committed; hand_over finds them.
      Fedigraft.log_exception("work could not be handed over", e)
    end
  end
end
