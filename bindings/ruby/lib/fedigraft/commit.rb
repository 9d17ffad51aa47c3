# frozen_string_literal: true

# The effects of a +done+: store entries, events, jobs and deliveries, in one transaction or not at all.
require_relative "events"
require_relative "leases"
require_relative "store"

module Fedigraft
  # Writes what a +done+ says.
  # @api private
  module Commit
    module_function

    # Writes everything; the transaction stays open.
    # @param handlers [Hash{Class => Array<#call>}] of the host, by event
    # @param lease [Lease, nil] the job or delivery this was the run of; its row goes
    # @return [Boolean] false when a key of +once+ is there already: it was done before, and nothing else is written
    # @raise [LeaseLost] roll back; as for whatever a handler raises
    def apply(session, done, handlers, now, lease = nil)
      raise LeaseLost.new("the lease on this row has run out", retryable: true) if lease && !Leases.finish(session, lease)
      return false unless Store.enter_once(session, done.once, now)

      Store.apply(session, done.store, now)
      Leases.put(session, "jobs", done.jobs, now)
      Leases.put(session, "deliveries", done.deliveries, now)
      done.events.each do |document|
        event = Events.read(document)
        handlers.fetch(event.class, []).each { |handler| handler.call(session.connection, event) }
      end
      true
    end
  end
end
