# frozen_string_literal: true

require_relative "helper"
require "open3"

# The commands that end, and the settings.
class CommandsTest < SiteTest
  def test_the_commands
    run = lambda do |*arguments|
      environment = { "CHIRP_DATABASE" => site.database, "CHIRP_MEDIA" => site.media, "CHIRP_ORIGIN" => ORIGIN }
      out, done = Open3.capture2e(environment, "ruby", File.join(Chirp::ROOT, "chirp.rb"), *arguments)
      [out, done.success?]
    end
    assert_includes run.call("init-db").first, "ready"
    assert_includes run.call("add-person", "zoe", "--password", "correct horse").first, "@zoe can log in"
    refute run.call("add-person", "zoe", "--password", "correct horse").last
    visitor.act("/login", name: "zoe", password: "correct horse")
    assert run.call("set-password", "zoe", "--password", "battery staple").last
    assert_equal 302, visitor.fetch("/notifications").status
    run.call("add-person", "sue", "--password", "correct horse", "--display-name", "Sue", "--federated")
    assert_equal [true, false, "Sue"], [person("sue").federated?, person("zoe").federated?, person("sue").display_name]
    ["work", "dance", "serve --listen x --worker"].each { |line| refute run.call(*line.split).last, line }
  end

  def test_without_a_database_the_error_says_what_to_do
    site.database = "#{@folder}/none/x.sqlite"
    error = assert_raises(Chirp::Database::NotPrepared) { reading { nil } }
    assert_includes error.message, "init-db"
    assert_includes visitor.page("/local", 500), "Something broke"
  end

  def test_settings_come_from_the_environment
    settings = Chirp::Settings.from("CHIRP_NAME" => "Nest", "CHIRP_SIGN_UP" => "no", "CHIRP_POST_LENGTH" => "280",
                                    "CHIRP_FEDERATED" => "Yes", "SECRET_KEY" => "x")
    assert_equal ["Nest", false, 280, true, "x"],
                 settings.to_h.values_at(:name, :sign_up, :post_length, :federated, :secret_key)
    settings.origin = "https://nest.example:8443"
    assert_equal ["nest.example:8443", 8443], [settings.home, settings.port]
  end
end
