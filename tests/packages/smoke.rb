# frozen_string_literal: true

# Uses the installed gem as a stranger would: signs, verifies, serves an actor. Prints "smoke: ok".

require "fedigraft"
require "json"
require "rack"

raise "the point is that no Rust toolchain is needed" if system("command -v cargo >/dev/null")

key = Fedigraft::PrivateKey.generate
url = "https://you.example/inbox"
headers = Fedigraft.sign(key, "https://me.example/u/1#main-key", "POST", url, body: "{}")
received = Fedigraft::Request.new(method: "POST", target: "/inbox", headers: headers.to_a, body: "{}")
Fedigraft::Instance.open("https://you.example") do |you|
  raise "not accepted" unless Fedigraft.verify(you, received, key.public_key).accepted?
end

fed = Fedigraft::Federation.new("https://chirp.example", database: ARGV.fetch(0))
fed.profile { |_db, _key| Fedigraft::Profile.new(id: 1, username: "ann", bio: "Hello", federated: true) }
fed.post { |_db, _key| nil }
fed.posts { |_db, _author, _cursor| Fedigraft::Posts.new([]) }

app = fed.rack(->(_env) { [200, {}, ["not federation"]] })
request = Rack::MockRequest.new(app)
answer = request.get("https://chirp.example/ap/users/1", "HTTP_ACCEPT" => "application/activity+json")
actor = JSON.parse(answer.body)
raise "status #{answer.status}" unless answer.status == 200
raise "wrong id" unless actor["id"] == "https://chirp.example/ap/users/1"
raise "no key" unless actor["publicKey"]["publicKeyPem"].include?("BEGIN PUBLIC KEY")

puts "smoke: ok #{Fedigraft::VERSION}"
