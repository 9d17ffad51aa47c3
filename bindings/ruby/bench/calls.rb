# frozen_string_literal: true

# What calls cost across the boundary, and signatures beside Ruby's own openssl. Prints, asserts nothing.
#
# Each figure is the median of pairs that are measured in turn, so that a busy machine disturbs both alike.
require "fedigraft"
require "openssl"

PAIRS = Integer(ENV.fetch("PAIRS", "9"))
KEY = Fedigraft::PrivateKey.generate
OPENSSL = OpenSSL::PKey::RSA.new(KEY.to_pem)
KEY_ID = "https://me.example/ap/users/1#main-key"
BODY = %({"type":"Create","object":"#{"x" * 2000}"}).freeze
HERE = Fedigraft::Instance.new("https://you.example")
URL = "https://you.example/ap/inbox"

# Of this process: a busy machine does not count. Rates are by the clock on the wall.
def processor_seconds
  start = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
  yield
  Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - start
end

def seconds
  start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  yield
  Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
end

def median(values)
  values.sort[values.size / 2]
end

# Microseconds of the processor a call, of some ways to do it in turn.
def measured(calls, *ways)
  ways.each { |way| (calls / 10).clamp(1, 1000).times(&way) }
  rounds = Array.new(PAIRS) { ways.map { |way| processor_seconds { calls.times(&way) } / calls * 1e6 } }
  rounds.transpose.map { |found| median(found) }
end

# Calls a second, by some threads at once.
def rate(threads, calls)
  taken = seconds { Array.new(threads) { Thread.new { calls.times { yield } } }.each(&:join) }
  threads * calls / taken
end

def compared(what, ours, theirs)
  told(what, format("%.0f µs / %.0f µs = %.2f", ours, theirs, ours / theirs))
end

def told(what, figure)
  puts format("%<what>-62s %<figure>s", what: what, figure: figure)
end

# The same request signed with nothing but Ruby.
def signed_by_ruby
  date = Time.now.httpdate
  digest = "SHA-256=#{OpenSSL::Digest.digest("SHA256", BODY).then { |it| [it].pack("m0") }}"
  base = "(request-target): post /ap/inbox\nhost: you.example\ndate: #{date}\ndigest: #{digest}\n" \
         "content-type: application/activity+json"
  signature = [OPENSSL.sign("SHA256", base)].pack("m0")
  { "Date" => date, "Digest" => digest, "Signature" => %(keyId="#{KEY_ID}",signature="#{signature}") }
end

uri, html, empty = measured(
  50_000, ->(_) { HERE.uri("actor", "1") }, ->(_) { Fedigraft.sanitise("<p>a</p>") }, ->(_) { Fedigraft.library_version }
)
told("Instance#uri, bytes in and bytes out", format("%.2f µs", uri))
told("Fedigraft.sanitise of 8 bytes, the lock given away", format("%.2f µs", html))
told("a call that gives a constant", format("%.2f µs", empty))

raw, ruby_raw = measured(300, ->(_) { KEY.sign(BODY) }, ->(_) { OPENSSL.sign("SHA256", BODY) })
compared("PrivateKey#sign of 2 KB / openssl", raw, ruby_raw)

whole, ruby_whole = measured(300, ->(_) { Fedigraft.sign(KEY, KEY_ID, "POST", URL, body: BODY) }, ->(_) { signed_by_ruby })
compared("a delivery signed: Fedigraft.sign / Ruby and openssl", whole, ruby_whole)
told("a delivery signed, beside the raw signature of the library", format("%.2f", whole / raw))

public_key = KEY.public_key
openssl_public = OPENSSL.public_key
headers = Fedigraft.sign(KEY, KEY_ID, "POST", URL, body: BODY)
request = Fedigraft::Request.new("POST", "/ap/inbox", headers: headers, body: BODY)
signature = OPENSSL.sign("SHA256", BODY)
now = Time.now
verified, ruby_verified = measured(
  1000, ->(_) { Fedigraft.verify(HERE, request, public_key, now: now) },
  ->(_) { openssl_public.verify("SHA256", signature, BODY) }
)
compared("a request verified / openssl's raw verification", verified, ruby_verified)

def rates(threads, calls)
  ours = []
  theirs = []
  PAIRS.times do
    ours << rate(threads, calls) { KEY.sign(BODY) }
    theirs << rate(threads, calls) { OPENSSL.sign("SHA256", BODY) }
  end
  [median(ours), median(theirs)]
end

ten, ruby_ten = rates(10, 60)
told("ten threads sign: this / openssl", format("%.0f /s / %.0f /s", ten, ruby_ten))
pairs = Array.new(PAIRS) do
  [rate(1, 2000) { KEY.sign(BODY) }, rate(2, 2000) { KEY.sign(BODY) }, rate(1, 400) { OPENSSL.sign("SHA256", BODY) },
   rate(2, 400) { OPENSSL.sign("SHA256", BODY) }]
end
one, two, ruby_one, ruby_two = pairs.transpose.map { |found| median(found) }
ratio = median(pairs.map { |alone, both,| both / alone })
told("two threads sign against one: this", format("%.2f x (%.0f /s, %.0f /s)", ratio, one, two))
told("two threads sign against one: openssl", format("%.2f x", ruby_two / ruby_one))
told("two threads against one, the best pair", format("%.2f x", pairs.map { |a, b,| b / a }.max))
