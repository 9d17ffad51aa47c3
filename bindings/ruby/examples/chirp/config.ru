# frozen_string_literal: true

# For any Rack server: `puma`, `rackup`.

require_relative "chirp"

run Chirp::App
