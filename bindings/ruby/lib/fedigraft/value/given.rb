# frozen_string_literal: true

# What the host may give as a member: lenient where Ruby has several words for one thing.
#
# An Integer is fine as a key, a Symbol as a word, a String as plain content, a Date-like object as a time.
module Fedigraft
  class Value
    # Takes members as the host gives them.
    # @api private
    module Given
      EXPECTED = {
        text: "a String", key: "a String or an Integer", word: "a String or a Symbol", boolean: "true or false",
        integer: "an Integer", number: "a number", time: "a Time", bytes: "a String", pairs: "a list of names and values"
      }.freeze

      module_function

      # The value as it is kept: immutable, of the type of the member.
      def accept(type, value, place)
        case type
        when Array then list(type.first, value, place)
        when Class then object(type, value, place)
        when :boolean then [true, false].include?(value) ? value : wrong(EXPECTED[:boolean], place)
        when :any then value
        else TAKEN.fetch(type).call(value) or wrong(EXPECTED.fetch(type, "a value"), place)
        end.freeze
      rescue Malformed
        wrong("a Time, or text such as 2026-10-05T15:00:00Z", place)
      rescue EncodingError
        wrong("text in UTF-8", place)
      end

      # What each type makes of a value; nothing of one it does not take.
      TAKEN = {
        text: ->(value) { text(value) if value.is_a?(String) },
        key: ->(value) { text(value.to_s) if value.is_a?(String) || value.is_a?(Integer) },
        word: ->(value) { text(value.to_s) if value.is_a?(String) || value.is_a?(Symbol) },
        integer: ->(value) { value if value.is_a?(Integer) },
        number: ->(value) { value if value.is_a?(Numeric) },
        time: ->(value) { time(value) },
        bytes: ->(value) { bytes(value) if value.is_a?(String) },
        pairs: ->(value) { value.map { |name, text| [name.to_s, text.to_s].freeze } if value.is_a?(Enumerable) }
      }.freeze

      def bytes(value)
        value.encoding == Encoding::BINARY && value.frozen? ? value : String.new(value, encoding: Encoding::BINARY)
      end

      def list(type, value, place)
        wrong("a list", place) unless value.respond_to?(:to_ary)
        value.to_ary.each_with_index.map { |item, index| accept(type, item, "#{place}/#{index}") }
      end

      def object(type, value, place)
        return value if value.is_a?(type)
        return type.new(value) if value.is_a?(String) && type.members.key?(:text)

        wrong("a #{type.name}", place)
      end

      # The text in UTF-8; bytes without an encoding are taken for it.
      def text(value)
        case value.encoding
        when Encoding::UTF_8 then nil
        when Encoding::BINARY then value = value.dup.force_encoding(Encoding::UTF_8)
        else value = value.encode(Encoding::UTF_8)
        end
        raise EncodingError unless value.valid_encoding?

        value.frozen? ? value : value.dup
      end

      # A Time in UTC; a fraction below a microsecond is cut off, as it does not travel. Text is RFC 3339.
      def time(value)
        return Value.parse_time(value) if value.is_a?(String)

        value = value.to_time if !value.is_a?(Time) && value.respond_to?(:to_time) && value.respond_to?(:hour)
        value.getutc.floor(6) if value.is_a?(Time)
      end

      def wrong(expected, place)
        raise InvalidArgument.new("expected #{expected} at /#{place}", reason: "bad_member", place: "/#{place}")
      end
    end
  end
end
