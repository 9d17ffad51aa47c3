# frozen_string_literal: true

require_relative "helper"
require "net/http"
require "openssl"
require "socket"

# The commands that stay: they serve, over TLS too, and end when they are told to.
class ServerTest < SiteTest
  def setup
    super
    @port = TCPServer.open("127.0.0.1", 0) { |probe| probe.addr[1] }
  end

  # Runs a command while the block does; it has to end well on SIGTERM.
  def running(*command)
    environment = { "CHIRP_DATABASE" => site.database, "CHIRP_MEDIA" => site.media, "CHIRP_POLICY" => "development",
                    "CHIRP_ORIGIN" => "https://localhost:#{@port}" }
    log = "#{@folder}/log"
    process = Process.spawn(environment, "ruby", *command, chdir: Chirp::ROOT, %i[out err] => log)
    yield log
    Process.kill("TERM", process)
    _, status = Process.wait2(process)
    process = nil
    assert_equal 0, status.exitstatus, "#{command.join(" ")}: #{status}\n#{File.read(log)}"
  ensure
    Process.kill("KILL", process) && Process.wait(process) if process
  end

  # Tries until the block answers something true.
  def wait_for(log)
    200.times do
      found = yield
      return found if found
    rescue SystemCallError
      nil
    ensure
      sleep 0.05
    end
    flunk File.read(log)
  end

  # A certificate for localhost that signs itself; gives the paths of it and of its key.
  def certificate
    key = OpenSSL::PKey::EC.generate("prime256v1")
    made = OpenSSL::X509::Certificate.new
    made.version = 2
    made.serial = 1
    made.subject = made.issuer = OpenSSL::X509::Name.parse("/CN=localhost")
    made.not_before = Time.now - 60
    made.not_after = Time.now + 3600
    made.public_key = key
    made.add_extension(OpenSSL::X509::ExtensionFactory.new.create_extension("subjectAltName", "DNS:localhost"))
    made.sign(key, "SHA256")
    { "cert.pem" => made.to_pem, "key.pem" => key.to_pem }.map do |name, pem|
      "#{@folder}/#{name}".tap { |path| File.write(path, pem) }
    end
  end

  def test_it_serves_over_tls_and_ends
    cert, key = certificate
    running("chirp.rb", "serve", "--listen", "127.0.0.1:#{@port}", "--cert", cert, "--key", key) do |log|
      http = Net::HTTP.new("localhost", @port)
      http.use_ssl = true
      http.ca_file = cert
      answer = wait_for(log) { http.get("/login") }
      assert_equal "200", answer.code
      assert_match(/; secure/i, answer["Set-Cookie"])
    end
  end

  def test_many_requests_at_once_are_answered
    writers = Array.new(3) { |n| joined("writer#{n}") }
    running("chirp.rb", "serve", "--listen", "127.0.0.1:#{@port}") do |log|
      address = URI("http://127.0.0.1:#{@port}/local")
      wait_for(log) { Net::HTTP.get_response(address) }
      readers = Array.new(6) { Thread.new { Array.new(5) { Net::HTTP.get_response(address).code } } }
      writers.each_with_index { |who, n| 5.times { |m| who.write("#{n} #{m}") } }
      assert_equal ["200"], readers.flat_map(&:value).uniq
      assert_equal 15, Net::HTTP.get(address).scan('<article class="post').size
    end
  end

  def test_the_federated_site_serves_and_delivers_until_it_is_told_to_end
    listen = ["--listen", "127.0.0.1:#{@port}"]
    [["serve", *listen, "--worker"], ["serve", *listen]].each do |command|
      running("federate.rb", *command) do |log|
        address = URI("http://127.0.0.1:#{@port}/.well-known/nodeinfo")
        assert_equal "200", wait_for(log) { Net::HTTP.get_response(address) }.code
      end
    end
    running("federate.rb", "work") do |log|
      wait_for(log) { File.read(log).include?("Delivering") }
      sleep 1 # it listens to signals from now on
    end
  end
end
