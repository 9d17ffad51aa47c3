# frozen_string_literal: true

# The worker: runs jobs and sends deliveries, in this process or in one of its own.
#
# Any number of workers may share a database: each row is leased before it is worked on, and a worker that is
# killed leaves its row to the others when the lease runs out. Every run is one exchange and one commit.
require_relative "commit"
require_relative "host"
require_relative "log"

module Fedigraft
  # Runs what is due on some threads. Made by {Federation#worker}.
  class Worker
    PURGE_SECONDS = 3600
    private_constant :PURGE_SECONDS

    # @param threads [Integer] how many at once
    # @param poll [Numeric] seconds between two looks at the queue when nothing was due; work that this process commits
    #   wakes the worker at once
    # @param around [#call] wraps each run, as Rails' executor does
    # @param committed [#call] is told of each +done+ that was committed
    # @api private
    def initialize(instance, driver, host, database, committed:, threads: 2, poll: 1.0, around: nil)
      @instance = instance
      @driver = driver
      @host = host
      @database = database
      @committed = committed
      @count = threads
      @poll = poll
      @around = around || ->(&run) { run.call }
      @lock = Mutex.new
      @woken = ConditionVariable.new
      @stopping = false
      @threads = []
      @purged_at = 0
    end

    # Starts the threads. In a server that forks, call it in each process, after the fork.
    # @return [Worker] itself
    def start
      @instance.call
      @stopping = false
      @threads = Array.new(@count) do |number|
        Thread.new { repeat }.tap { |thread| thread.name = "fedigraft-worker-#{number}" }
      end
      self
    end

    # Lets every thread finish what it is at, then ends.
    # @return [nil]
    def stop
      ask_to_stop
      @threads.each(&:join)
      @threads = []
      nil
    end

    # As {stop}, without waiting.
    def ask_to_stop
      @lock.synchronize do
        @stopping = true
        @woken.broadcast
      end
    end

    # Looks at the queue now.
    def wake
      @lock.synchronize { @woken.broadcast }
    end

    # Starts, calls the block, stops.
    # @return [Object] what the block gave
    def around
      start
      yield self
    ensure
      stop
    end

    # Works until SIGTERM or SIGINT, then finishes what it is at. For a process of its own.
    # @return [nil]
    def run
      asked = Thread::Queue.new
      before = %w[TERM INT].to_h { |name| [name, trap(name) { asked << name }] }
      start
      Fedigraft.logger.info("working, #{@count} threads")
      asked.pop
      stop
    ensure
      before&.each { |name, handler| trap(name, handler || "DEFAULT") }
    end

    # Works on this thread until nothing is due. For tests and cron.
    # @return [Integer] the number of runs
    def drain
      runs = 0
      runs += 1 while run_one
      runs
    end

    # Runs one row that is due.
    # @return [Boolean] false when there is none
    def run_one
      Leases::QUEUES.any? { |queue| run_from(queue) }
    end

    # Runs the row that is named, when it is due and nobody else has it.
    # @return [Boolean, Error] true when it was run, false when there was nothing to do, the error when it failed and is
    #   kept for later
    def run_row(queue, id)
      run_from(queue, id: id)
    end

    private

    def run_from(queue, id: nil)
      @around.call do
        lease = @database.transaction { |session| Leases.claim(session, queue, @driver.now, id: id) }
        lease ? work(lease) || true : false
      end
    end

    # Gives the error of a run that failed.
    def work(lease)
      now = @driver.now
      instance = @instance.call
      exchange = lease.queue == "jobs" ? instance.resume(now, lease.document) : instance.send_delivery(now, lease.document)
      done = @driver.run(exchange, Host::Alone.new(@host, @database))
      @database.transaction { |session| Commit.apply(session, done, @host.handlers, @driver.now, lease) }
      @committed.call(done)
      Fedigraft.logger.debug { "#{lease.queue} #{lease.id}: #{done.result}" }
      nil
    rescue LeaseLost => e
      Fedigraft.logger.info("#{lease.queue} #{lease.id} was taken over by another worker")
      e
    rescue StandardError, NotImplementedError => e
      Fedigraft.log_exception("#{lease.queue} #{lease.id} could not be run and is kept for later", e)
      @database.transaction { |session| Leases.put_off(session, lease, @driver.now) }
      e
    end

    def repeat
      until @stopping
        begin
          next if run_one

          purge
        rescue StandardError => e
          # The database is away; the rows are still there when it comes back.
          Fedigraft.log_exception("the worker could not reach its queue", e)
        end
        @lock.synchronize { @woken.wait(@lock, @poll) unless @stopping }
      end
    end

    def purge
      now = @driver.now
      @lock.synchronize do
        return if now - @purged_at < PURGE_SECONDS

        @purged_at = now
      end
      @around.call { @database.transaction { |session| Store.purge(session, now) } }
    end
  end
end
