# frozen_string_literal: true

# The village as a file to load by name: +fedigraft work -r …/hosted FED+, +puma …/village.ru+.
$LOAD_PATH.unshift(File.expand_path("../../lib", __dir__))
require "fedigraft"
require "sqlite3"
require "pg" if ENV["VILLAGE_POSTGRES"]
require_relative "village"

HOSTED = Village.new(
  ENV.fetch("VILLAGE_FOLDER"), "ann", ENV.fetch("VILLAGE_PORT").to_i, postgres: ENV.fetch("VILLAGE_POSTGRES", nil)
)
FED = HOSTED.fed
