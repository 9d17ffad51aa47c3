# frozen_string_literal: true

# The village for Sidekiq's own process: +sidekiq -r …/sidekiq_hosted.rb -q fedigraft+.
require_relative "hosted"
require "fedigraft/sidekiq"

Fedigraft::Sidekiq.attach(FED)
