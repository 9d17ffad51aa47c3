# frozen_string_literal: true

# The steps of an exchange: what it needs next, and at the end what it came to.
#
# Plain values, read from the JSON of +fedigraft_exchange_step+. +Load+, +Fetch+ and +Sign+ ask for help; +Done+
# alone has effects.
require_relative "native"
require_relative "value"

module Fedigraft
  # One document that is asked for: a name of the load table, its key, and where to go on in a list.
  class Wanted < Value
    member :name, :text, required: true, place: true
    member :key, :text, required: true, place: true
    member :cursor, :text, place: true
  end

  # Documents are needed. The answer has one value for each, in order.
  class Load < Value
    member :number, :integer, required: true
    member :wanted, [Wanted], required: true
  end

  # A request is to be made. It is complete and signed: the headers are sent exactly as given.
  #
  # +timeout+ is the total time in seconds, +max_body+ the most bytes of the answer, +allow_local?+ permits plain
  # HTTP and loopback addresses (development policy).
  class Fetch < Value
    member :number, :integer, default: 0
    member :method, :text, required: true
    member :url, :text, required: true
    member :headers, :pairs, default: []
    member :body, :bytes, default: String.new
    member :max_body, :integer, required: true
    member :timeout, :number, required: true
    member :allow_local, :boolean, default: false
  end

  # Bytes are to be signed with the key of a local actor.
  class Sign < Value
    member :number, :integer, required: true
    member :actor, :text, required: true
    member :key_id, :text, required: true
    member :algorithm, :text, required: true
    member :data, :bytes, required: true
  end

  # The answer to send to the peer. Header values are bytes.
  class Response < Value
    member :status, :integer, required: true, place: true
    member :headers, :pairs, default: [], place: true
    member :body, :bytes, default: String.new, place: true
  end

  # The end: everything here is written in one transaction, then the response leaves.
  #
  # +document+ is the whole step as JSON, with members that this version does not know.
  class Done < Value
    member :number, :integer, required: true
    member :response, Response
    member :events, :any, default: []
    member :store, :any, default: []
    member :jobs, :any, default: []
    member :deliveries, :any, default: []
    member :once, :any, default: []
    member :result, :any
    member :verdict, :any
    member :document, :any, required: true

    # False when there is nothing to write, as after most reads.
    def effects?
      [once, store, jobs, deliveries, events].any? { |list| !list.empty? }
    end
  end

  # The answer to a fetch. +url+ is the one that was asked, +address+ the peer connected to.
  class Fetched < Value
    member :url, :text, required: true
    member :status, :integer, required: true
    member :headers, :pairs, default: []
    member :body, :bytes, default: String.new
    member :address, :text, required: true

    # The head as it crosses the C ABI.
    # @return [Hash]
    # @api private
    def head
      lines = headers.map { |name, value| [Native.latin1(name), Native.latin1(value)] }
      { url: url, status: status, headers: lines, address: address }
    end
  end

  # Reads steps from their JSON and the raw body beside it.
  # @api private
  module Steps
    module_function

    def read(document, body)
      number = document["step"]
      if (wanted = document["load"])
        Load.new(number: number, wanted: wanted.map { |one| Wanted.new(one["name"], one["key"], one["cursor"]) })
      elsif (ask = document["fetch"])
        fetch(number, ask, body)
      elsif (ask = document["sign"])
        Sign.new(number: number, data: ask["bytes"].unpack1("m0"), **ask.slice("actor", "key_id", "algorithm")
          .transform_keys(&:to_sym))
      else
        done(number, document["done"], body)
      end
    end

    def fetch(number, ask, body)
      Fetch.new(
        number: number, method: ask["method"], url: ask["url"], headers: bytes(ask["headers"]), body: body,
        max_body: ask["max_body"], timeout: ask["timeout"], allow_local: ask["allow_local"] || false
      )
    end

    def done(number, done, body)
      answer = done["response"]
      response = answer && Response.new(answer["status"], bytes(answer["headers"]), body)
      Done.new(
        number: number, response: response, events: done["events"], store: done["store"], jobs: done["jobs"],
        deliveries: done["deliveries"], once: done["once"], result: done["result"], verdict: done["verdict"],
        document: done
      )
    end

    def bytes(headers)
      headers.map { |name, value| [name, Native.from_latin1(value)] }
    end
  end
end
