# frozen_string_literal: true

# Verdicts: the outcome of a check, with a part for the wire and a part for the operator.
require_relative "value"

module Fedigraft
  # One rule that was tried: what the message had, what the rule wants, and where the rule comes from.
  class Rule < Value
    member :rule, :text, required: true
    member :ok, :boolean, required: true
    member :seen, :text
    member :expected, :text
    member :source, :text
  end

  # For the operator, not for the peer: every rule, the signature base, the likely cause.
  class Evidence < Value
    member :rules, [Rule], default: []
    member :signature_base, :text
    member :likely_cause, :text
  end

  # The outcome of a check.
  #
  # +accepted?+:: every rule held.
  # +code+:: a stable word such as +digest_mismatch+; may be told to the peer.
  # +status+:: the HTTP status that fits.
  # +message+:: one sentence without user data; may be told to the peer.
  # +key_id+:: the key the signature names.
  # +actor+:: the actor it belongs to, once proven.
  # +scheme+:: +cavage+ or +rfc9421+.
  # +evidence+:: present when it was asked for.
  class Verdict < Value
    member :accepted, :boolean, required: true
    member :code, :text, required: true
    member :status, :integer, required: true
    member :message, :text, required: true
    member :key_id, :text
    member :actor, :text
    member :scheme, :text
    member :evidence, Evidence

    # Reads the JSON of the native library.
    # @api private
    def self.read(document)
      shown = document["public"]
      evidence = document["evidence"]
      new(
        accepted: document["accepted"], code: shown["code"], status: shown["status"], message: shown["message"],
        key_id: document["key_id"], actor: document["actor"], scheme: document["scheme"],
        evidence: evidence && Evidence.from_h(evidence)
      )
    end

    # The rule that does not hold was found.
    def refused?
      !accepted?
    end

    # A few lines for a console: the verdict, each rule, the signature base, the likely cause.
    # @return [String]
    def report
      lines = ["#{accepted? ? "accepted" : "refused"}: #{message} (#{code})"]
      lines << "key: #{key_id}" if key_id
      lines.concat(evidence_lines) if evidence
      lines.join("\n")
    end

    private

    def evidence_lines
      lines = evidence.rules.flat_map do |rule|
        first = "  #{rule.ok? ? "ok  " : "FAIL"} #{rule.rule}  [#{rule.source}]"
        rule.ok? ? [first] : [first, "         seen:     #{rule.seen}", "         expected: #{rule.expected}"]
      end
      if evidence.signature_base
        lines << "signature base:"
        lines.concat(evidence.signature_base.lines(chomp: true).map { |line| "  | #{line}" })
      end
      lines << "likely cause: #{evidence.likely_cause}" if evidence.likely_cause
      lines
    end
  end
end
