# frozen_string_literal: true

# The village as a file of Rack's: +rackup+, +puma+. With +preload_app!+ it is opened before the server forks.

require_relative "hosted"

run HOSTED.app
