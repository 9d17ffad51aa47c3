# frozen_string_literal: true

# A Rails application in a process of its own: the railtie, Active Record's transactions and callbacks.
require_relative "helper"

class RailsTest < FedigraftTest
  PROGRAM = File.join(__dir__, "support", "rails_application.rb")

  def rails(adapter, database)
    Gem::Specification.find_by_name("railties")
    environment = { "APP_ADAPTER" => adapter, "APP_DATABASE" => database, "RUBYLIB" => "#{GEM}/lib", "RUBYOPT" => "-W0" }
    out, status = Open3.capture2e(environment, RbConfig.ruby, PROGRAM)
    assert status.success?, out
    assert_includes out, "rails: ok"
  rescue Gem::MissingSpecError
    skip "railties is not installed"
  end

  def test_on_sqlite
    rails("sqlite3", File.join(@folder, "rails.db"))
  end

  def test_on_postgresql
    address = ENV.fetch("FEDIGRAFT_TEST_POSTGRES", "")
    skip "FEDIGRAFT_TEST_POSTGRES names no database" if address.empty?
    rails("postgresql", address)
  end
end
