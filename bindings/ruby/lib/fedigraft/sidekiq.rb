# frozen_string_literal: true

# Jobs and deliveries run by Sidekiq, in place of +fed.work+.
#
# The rows stay in the database and are the truth: a row that Sidekiq loses is found again by the sweep, one that it
# runs twice is run once, and what fails is put off in the row. Redis only says when to look.
require "sidekiq"
require_relative "federation"

module Fedigraft
  # For the queue Sidekiq.
  #   Fedigraft::Sidekiq.attach(FED)                 # in an initializer, in web and Sidekiq processes alike
  #   Fedigraft::Sidekiq::SweepJob.perform_async     # every minute, from sidekiq-cron or a clock
  module Sidekiq
    class << self
      # The federation whose work is run.
      # @return [Federation]
      def federation
        @federation or raise InvalidArgument.new("call Fedigraft::Sidekiq.attach(federation) first", reason: "not_attached")
      end

      # Hands all work that is committed from now on to Sidekiq.
      # @param federation [Federation]
      def attach(federation)
        @federation = federation
        federation.on_work { |queue, id, due_at| enqueue(queue, id, due_at) }
        federation
      end

      # Runs a row now, or when it is due.
      # @param queue [String] +jobs+ or +deliveries+
      # @param id [String]
      # @param due_at [Numeric] seconds since the epoch
      def enqueue(queue, id, due_at)
        DeliveryJob.perform_at(due_at, queue, id)
      end
    end

    # Runs one job or delivery.
    class DeliveryJob
      include ::Sidekiq::Worker

      # The row says when to try again, not Sidekiq.
      sidekiq_options queue: "fedigraft", retry: 5

      # @param queue [String] +jobs+ or +deliveries+
      # @param id [String]
      # @raise [StandardError] the database is away; Sidekiq tries again. What fails for good or for a while in the row itself
      #   is kept there, logged, and found by the sweep
      def perform(queue, id)
        outcome = Sidekiq.federation.run_work(queue, id)
        retryable = outcome.respond_to?(:retryable?) && outcome.retryable?
        Fedigraft.logger.info("#{queue} #{id} is kept for later") if outcome.is_a?(Exception) && retryable
        outcome == true
      end
    end

    # Hands over every row that is due: what a host's own transaction brought, and what was lost on the way.
    class SweepJob
      include ::Sidekiq::Worker

      sidekiq_options queue: "fedigraft", retry: false

      # @return [Integer] how many
      def perform
        Sidekiq.federation.hand_over
      end
    end
  end
end
