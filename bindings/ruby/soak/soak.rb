# frozen_string_literal: true

# Calls the library again and again and watches the memory of the process: cheap calls, signatures, whole exchanges.
#
#   ruby -Ilib soak/soak.rb --scale 1     # ten million cheap calls, 100,000 signatures and exchanges
#
# Prints what is resident after a warm-up and at the end; ends with 1 when that grew by 2 MiB or more.
require "fedigraft"
require "optparse"

scale = 1.0
OptionParser.new { |options| options.on("--scale X", Float) { |given| scale = given } }.parse!

LIMIT = 2 * 1024 * 1024
NOW = 1_790_000_000
HEADERS = { "Accept" => "application/activity+json" }.freeze
KEY = Fedigraft::PrivateKey.generate
KEY_ID = "https://me.example/ap/users/1#main-key"
PEM = KEY.public_pem
PROFILE = Fedigraft::Profile.new(id: 1, username: "ann", bio: "Hello", federated: true)
REQUEST = Fedigraft::Request.new("GET", "/ap/users/1", headers: HEADERS)
HERE = Fedigraft::Instance.new(
  "https://you.example", loads: [*Fedigraft::Host::NAMES, *Fedigraft::Store::NAMES], policy: "development"
)

def resident
  GC.start
  GC.compact
  File.read("/proc/self/status")[/VmRSS:\s+(\d+)/, 1].to_i * 1024
end

def cheap(count)
  count.times { HERE.uri("actor", "1") }
end

def signatures(count)
  count.times { Fedigraft.sign(KEY, KEY_ID, "POST", "https://you.example/ap/inbox", body: "{}", now: NOW) }
end

def answered(one)
  case one.name
  when "profile" then { value: PROFILE }
  when "key" then { value: { key_id: "#{one.key}#main-key", algorithm: "rsa", public_key_pem: PEM } }
  end
end

# The actor document: every third exchange is left before its end, every tenth fails.
def exchanges(count)
  count.times do |number|
    HERE.receive(NOW, REQUEST).with do |exchange|
      step = exchange.step
      next if (number % 3).zero?

      while step.is_a?(Fedigraft::Load)
        exchange.answer_load(step.number, NOW, step.wanted.map { |one| answered(one) })
        step = exchange.step
      end
      raise "no actor" unless step.response.status == 200
      next unless (number % 10).zero?

      begin
        exchange.answer_sign(step.number, NOW, "x")
      rescue Fedigraft::Error
        nil
      end
    end
  end
end

def play(scale)
  cheap((10_000_000 * scale).to_i)
  signatures((100_000 * scale).to_i)
  exchanges((100_000 * scale).to_i)
end

play([scale * 0.2, 0.02].min)
before = resident
play(scale)
after = resident
grown = after - before
figures = [before, after, grown].map { |bytes| bytes.to_f / (1 << 20) }
puts format("resident after warm-up %.1f MiB, at the end %.1f MiB, grown by %.2f MiB", *figures)
exit(grown < LIMIT ? 0 : 1)
