# frozen_string_literal: true

require "json"

# The format of +tests/vectors+ (its README): bytes, what is compared, and that nothing unknown passes.
module Vectors
  FOLDER = File.expand_path("../../../../tests/vectors", __dir__)
  CASE = %w[name note call in out error steps].freeze
  ITEM = %w[step answer body error].freeze
  ANSWERS = %w[load fetch sign signature failed].freeze
  ERROR = %w[at reason retryable status].freeze

  # The inputs of each function, in the order of the header; those of HANDLES by name, +now+ as a number, the others as bytes.
  INPUTS = {
    "key_from_pem" => %w[pem], "public_key_from_pem" => %w[pem], "key_to_pem" => %w[key], "key_public_pem" => %w[key],
    "key_sign" => %w[key message], "public_key_to_pem" => %w[public_key], "instance_new" => %w[config],
    "instance_describe" => %w[instance], "instance_uri" => %w[instance kind id],
    "request_sign" => %w[key key_id now head body], "request_key_id" => %w[head],
    "request_verify" => %w[instance public_key now head body], "request_explain" => %w[instance public_key now head body],
    "profile_render" => %w[instance profile public_key], "profile_read" => %w[actor],
    "post_render" => %w[instance profile post], "post_read" => %w[object], "activity_read" => %w[activity],
    "html_sanitise" => %w[html], "html_to_text" => %w[html], "content_to_html" => %w[instance content],
    "webfinger_render" => %w[instance profile], "nodeinfo_render" => %w[instance version usage],
    "route" => %w[instance head], "receive" => %w[instance now head body], "perform" => %w[instance now action],
    "look_up" => %w[instance now query], "resume" => %w[instance now job], "send" => %w[instance now delivery]
  }.freeze
  HANDLES = { "instance" => "instances", "key" => "keys", "public_key" => "public_keys" }.freeze

  # What a case says is not what came out.
  class Mismatch < StandardError; end

  # The file of a case says what the format does not know.
  class Misspelt < StandardError; end

  module_function

  def read(file)
    JSON.parse(File.read(File.join(FOLDER, file), encoding: "UTF-8"), max_nesting: false)
  end

  # All cases of all files.
  def cases
    files = Dir.children(FOLDER).select { |file| file.end_with?(".json") } - ["handles.json"]
    found = files.sort.flat_map do |file|
      document = read(file)
      known(document.keys, %w[source cases], file)
      document["cases"].each { |one| check(one) }
    end
    names = found.map { |one| one["name"] }
    raise Misspelt, "two cases of one name: #{names.tally.select { |_, n| n > 1 }.keys}" unless names.uniq.size == names.size

    found
  end

  def check(one)
    known(one.keys, CASE, one["name"])
    raise Misspelt, "#{one["name"]}: out, error or steps" unless [one.keys & %w[out error steps]].flatten.size == 1

    inputs = INPUTS.fetch(one["call"]) { raise Misspelt, "#{one["name"]}: no function #{one["call"]}" }
    raise Misspelt, "#{one["name"]}: inputs #{one["in"].keys}" unless one["in"].keys.sort == inputs.sort

    one.fetch("steps", []).each do |item|
      known(item.keys, ITEM, one["name"])
      known(item.fetch("answer", {}).keys, [*ANSWERS, "body", "now", "number", "retryable", "error"], one["name"])
    end
  end

  # Bytes, in one of the four ways they are written.
  def bytes(written)
    return written if written.is_a?(String)

    case written.keys.sort
    when ["json"] then JSON.generate(written["json"], max_nesting: 0)
    when ["base64"] then written["base64"].unpack1("m0")
    when %w[repeat times] then written["repeat"] * written["times"]
    else raise Misspelt, "bytes: #{written.keys}"
    end
  end

  # Compares bytes with what is expected of them.
  def same_bytes(expected, found)
    return same(expected["json"], JSON.parse(found, max_nesting: false)) if expected.is_a?(Hash) && expected.key?("json")

    raise Mismatch, "expected #{bytes(expected).b.inspect}, got #{found.b.inspect}" unless bytes(expected).b == found.b
  end

  # Compares JSON values: nothing missing, nothing more; 1 and 1.0 are equal.
  def same(expected, found, place = "")
    case expected
    when Hash
      wrong(place, expected, found) unless found.is_a?(Hash) && found.keys.sort == expected.keys.sort
      expected.each { |name, value| same(value, found[name], "#{place}/#{name}") }
    when Array
      wrong(place, expected, found) unless found.is_a?(Array) && found.size == expected.size
      expected.each_with_index { |value, index| same(value, found[index], "#{place}/#{index}") }
    when Numeric then wrong(place, expected, found) unless found.is_a?(Numeric) && found == expected
    else wrong(place, expected, found) unless found == expected
    end
  end

  # Runs the block and expects its error.
  def same_error(expected)
    known(expected.keys, ERROR, "error")
    begin
      yield
    rescue Fedigraft::Error => e
      place = e.place.empty? ? nil : e.place
      found = { "status" => e.code.to_s, "reason" => e.reason, "at" => place, "retryable" => e.retryable? }
      return same(expected, found)
    end
    raise Mismatch, "expected the error #{expected}, got none"
  end

  def wrong(place, expected, found)
    raise Mismatch, "at #{place.empty? ? "the top" : place}: expected #{expected.inspect}, got #{found.inspect}"
  end

  def known(names, allowed, where)
    unknown = names - allowed
    raise Misspelt, "#{where}: unknown #{unknown.join(", ")}" unless unknown.empty?
  end
end
