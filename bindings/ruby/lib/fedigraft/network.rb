# frozen_string_literal: true

# The default fetcher: one request, one answer, within bounds (the standard library alone).
#
# It resolves the name, refuses every address that is not public, and connects to the very address it checked,
# so that a second look-up cannot move the connection. Redirects are returned, never followed: the core decides
# about them. Proxies of the environment are not used: they would connect to an address nobody checked. The
# deadline is a total that resolving, connecting, TLS, sending and reading share (CVE-2023-36461).
require "net/http"
require "openssl"
require "socket"
require_relative "addresses"
require_relative "errors"
require_relative "network/connection"
require_relative "steps"

module Fedigraft
  # Makes the requests an exchange asks for. Safe to share between threads.
  #   Fedigraft::Network.new(timeout: 5).fetch(step)
  class Network
    # Strict on purpose: a URL that two parsers could read differently is refused.
    URL = %r{\A(?<scheme>https?)://(?<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?<port>[0-9]{1,5}))?
             (?<target>[/?][!-"$-~]*)?\z}x
    FIELD = /\A[!#$%&'*+.^_`|~0-9A-Za-z-]+\z/
    ADDRESSES_TRIED = 3
    CHUNK = 65_536
    INFORMATION = 10
    private_constant :URL, :FIELD, :ADDRESSES_TRIED, :CHUNK, :INFORMATION

    # How a name becomes addresses: as the operating system resolves it.
    RESOLVE = ->(host, port) { Addrinfo.getaddrinfo(host, port, nil, :STREAM).map(&:ip_address).uniq }

    # @return [Numeric]
    attr_reader :timeout

    # @param timeout [Numeric] the most seconds one request may take in all, whatever the exchange allows
    # @param ca_file [String, nil] certificates to trust beside the system's, as PEM
    # @param resolve [#call] +(host, port) -> addresses+
    def initialize(timeout: 10.0, ca_file: nil, resolve: RESOLVE)
      @timeout = timeout
      @resolve = resolve
      @store = OpenSSL::X509::Store.new.tap(&:set_default_paths)
      @store.add_file(ca_file.to_s) if ca_file
    end

    # Makes the request and waits for the whole answer.
    # @param step [Fetch]
    # @param cancelled [#call, nil] asked now and then; true ends the request
    # @return [Fetched]
    # @raise [FetchFailed] it could not be made, or the answer broke a bound; +reason+ says which
    def fetch(step, cancelled: nil)
      deadline = Deadline.new([step.timeout, @timeout].min, cancelled)
      explained { carried_out(step, deadline) }
    end

    private

    def carried_out(step, deadline)
      url = checked(step)
      secure = url[:scheme] == "https"
      host = url[:host].delete("[]")
      port = (url[:port] || (secure ? 443 : 80)).to_i
      request = request(step, url[:target] || "/")
      connection = connect(addresses(step, host, port, deadline), port, deadline)
      begin
        connection.secure(host, @store) if secure
        connection.write(request)
        answer(step, connection)
      ensure
        connection.close
      end
    end

    def checked(step)
      url = URL.match(step.url) or refuse("url_refused", "expected an absolute http or https URL in normal form")
      refuse("url_refused", "plain http is for the development policy only") if url[:scheme] == "http" && !step.allow_local?
      url
    end

    # The exact bytes of the request.
    def request(step, target)
      lines = ["#{step.method} #{"/" unless target.start_with?("/")}#{target} HTTP/1.1"]
      step.headers.each do |name, value|
        refuse("url_refused", "a header line would break the request") if !FIELD.match?(name) || value.b.match?(/[\r\n\0]/n)
        lines << ("#{name}: ".b + value.b)
      end
      given = step.headers.map { |name, _| name.downcase }
      if !given.include?("content-length") && (step.method == "POST" || !step.body.empty?)
        lines << "Content-Length: #{step.body.bytesize}"
      end
      lines << "Accept-Encoding: identity" unless given.include?("accept-encoding")
      [*lines, "Connection: close", "", ""].map(&:b).join("\r\n".b) + step.body
    end

    # All addresses of the name that may be connected to. The resolver has no deadline of its own.
    def addresses(step, host, port, deadline)
      looking = Thread.new do
        Thread.current.report_on_exception = false
        @resolve.call(host, port)
      end
      deadline.wait { |seconds| looking.join(seconds) }
      found = looking.value
      refuse("dns_failed", "the name has no address", retryable: true) if found.empty?
      allowed = found.select { |it| Addresses.public?(it) || (step.allow_local? && Addresses.loopback?(it)) }
      refuse("address_refused", "the name leads to a private address") if allowed.empty?
      allowed.first(ADDRESSES_TRIED)
    rescue SocketError
      refuse("dns_failed", "the name has no address", retryable: true)
    ensure
      looking&.kill
    end

    def connect(addresses, port, deadline)
      failed = nil
      addresses.each do |address|
        return Connection.open(address, port, deadline)
      rescue SystemCallError => e
        failed = e
      end
      raise failed
    end

    def answer(step, connection)
      buffered = Net::BufferedIO.new(connection)
      head = final(buffered)
      head.decode_content = false
      too_large if (head.content_length || 0) > step.max_body
      unless ["", "identity"].include?(head["content-encoding"].to_s.strip.downcase)
        # A compressed body is a bound nobody checked; identity was asked for.
        refuse("protocol_error", "the answer is compressed unasked")
      end
      connection.head_ended(step.max_body)
      Fetched.new(url: step.url, status: head.code.to_i, headers: fields(head), body: body(step, head, buffered),
                  address: connection.address)
    end

    # The answer, after what 1xx answers stand before it (RFC 9110, 15.2), when it says clearly where its body ends
    # (RFC 9112, 6.3).
    def final(buffered)
      INFORMATION.times do
        head = Net::HTTPResponse.read_new(buffered)
        next if head.is_a?(Net::HTTPInformation)

        lengths = head.get_fields("content-length").to_a.flat_map { |line| line.split(",", -1) }.map(&:strip).uniq
        codings = head.get_fields("transfer-encoding").to_a.map { |line| line.strip.downcase }
        return head if lengths.size < 2 && lengths.all?(/\A\d+\z/) && [[], ["chunked"]].include?(codings)

        break
      end
      raise Net::HTTPBadResponse, "no answer, or a body without a clear end"
    end

    def body(step, head, buffered)
      read = String.new(encoding: Encoding::BINARY)
      return read if step.method == "HEAD"

      head.reading_body(buffered, true) do
        head.read_body do |part|
          read << part
          too_large if read.bytesize > step.max_body
        end
        # Net::HTTP takes an early end for the end.
        raise EOFError if head.class.body_permitted? && !head.chunked? && read.bytesize < (head.content_length || 0)
      end
      read
    end

    def fields(head)
      head.to_hash.flat_map { |name, values| values.map { |value| [name, value.b] } }
    end

    def explained
      yield
    rescue TimeoutError, Errno::ETIMEDOUT
      refuse("timeout", "no whole answer in time", retryable: true)
    rescue CancelledError
      refuse("cancelled", "the request was cancelled", retryable: true)
    rescue OpenSSL::SSL::SSLError => e
      refuse("tls_failed", "TLS failed: #{e.message[/certificate verify failed[^)]*|hostname[^)]*/] || "no agreement"}",
             retryable: true)
    rescue Net::ProtocolError, Net::HTTPBadResponse, Net::HTTPHeaderSyntaxError, EOFError, ArgumentError => e
      refuse("protocol_error", "the answer is not HTTP/1.1: #{e.class}", retryable: true)
    rescue SystemCallError => e
      refuse("connection_failed", "the connection failed: #{e.class.name.split("::").last}", retryable: true)
    end

    def too_large
      refuse("too_large", "the answer is larger than allowed")
    end

    def refuse(reason, message, retryable: false)
      raise FetchFailed.new(message, reason: reason, retryable: retryable)
    end
  end
end
