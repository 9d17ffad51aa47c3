# frozen_string_literal: true

require_relative "lib/fedigraft/version"

Gem::Specification.new do |spec|
  spec.name = "fedigraft"
  spec.version = Fedigraft::VERSION
  spec.summary = "Grafts ActivityPub federation onto the server you already have"
  spec.description = "Signs, verifies, translates and decides, so that the users and posts of an existing Rack server " \
                     "appear on the fediverse. The server keeps its database, its queue and its HTTP stack. The native " \
                     "library is in the gem."
  spec.authors = ["The fedigraft authors"]
  spec.homepage = "https://github.com/fedigraft/fedigraft"
  spec.licenses = ["MIT", "Apache-2.0"]
  spec.metadata = { "rubygems_mfa_required" => "true" }

  spec.files = Dir.chdir(__dir__) { Dir["lib/**/*.{rb,sql}", "sig/**/*.rbs", "exe/*", "README.md", "LICENSE-*"] }
  spec.bindir = "exe"
  spec.executables = ["fedigraft"]
  spec.required_ruby_version = ">= 3.1"

  # The native library, put there by `make ruby`; without it the gem is pure Ruby and FEDIGRAFT_LIBRARY names one.
  library = Dir.chdir(__dir__) { Dir["lib/fedigraft/libfedigraft.{so,dylib}"] }
  unless library.empty?
    spec.files += library
    spec.platform = Gem::Platform.local
  end

  spec.add_dependency "ffi", "~> 1.15"
end
