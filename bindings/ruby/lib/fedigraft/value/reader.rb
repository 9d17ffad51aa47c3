# frozen_string_literal: true

# Reads a value from its JSON document, strictly: a member of another type is refused with its place.
module Fedigraft
  class Value
    # Takes members as a document has them.
    # @api private
    class Reader
      EXPECTED = {
        text: "text", key: "text", word: "text", boolean: "true or false", integer: "an integer", number: "a number",
        time: "a time"
      }.freeze

      # The value a JSON object holds.
      def object(type, document, place)
        wrong("an object", place) unless document.is_a?(Hash)
        members = type.members
        values = {}
        extra = {}
        document.each do |key, value|
          name = key.to_sym
          next if name == :v || (value.nil? && members.key?(name))

          if members.key?(name) && name != :extra
            values[name] = read(members[name].type, value, "#{place}/#{name}")
          else
            extra[name.to_s] = value
          end
        end
        finish(type, values, extra, place)
      end

      private

      def finish(type, values, extra, place)
        type.members.each_value do |member|
          wrong("a value", "#{place}/#{member.name}") if member.required && !values.key?(member.name)
        end
        values[:extra] = extra if type.members.key?(:extra)
        type.new(**values)
      end

      def read(type, value, place)
        case type
        when Array
          wrong("a list", place) unless value.is_a?(Array)
          value.each_with_index.map { |item, index| read(type.first, item, "#{place}/#{index}") }
        when Class then value.is_a?(type) ? value : object(type, value, place)
        when :time then time(value, place)
        else fits?(type, value) ? value : wrong(EXPECTED.fetch(type), place)
        end
      end

      def fits?(type, value)
        case type
        when :text, :key, :word then value.is_a?(String)
        when :boolean then [true, false].include?(value)
        when :integer then value.is_a?(Integer)
        when :number then value.is_a?(Numeric)
        else true
        end
      end

      def time(value, place)
        return value if value.is_a?(Time)

        wrong("a time", place) unless value.is_a?(String)
        Value.parse_time(value)
      rescue Malformed => e
        raise Malformed.new(e.sentence, reason: e.reason, place: place)
      end

      def wrong(expected, place)
        raise Malformed.new("expected #{expected}", reason: "bad_member", place: place)
      end
    end
  end
end
