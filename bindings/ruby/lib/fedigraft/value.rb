# frozen_string_literal: true

# How the values of the native model become JSON documents, and JSON documents become them.
#
# A value is declared member by member and is immutable. A member that is +nil+ or empty is left out of its
# document; an unknown member of a document is kept in +extra+ and written back. Times are RFC 3339 text with
# +Z+ in JSON and +Time+ in Ruby.
require "json"
require "time"
require_relative "errors"

module Fedigraft
  # Base of every value that has a JSON form.
  class Value
    # One member: its name, its type, its default and how it is named where it is asked for.
    Member = Struct.new(:name, :type, :default, :required, keyword_init: true) do
      def variable
        @variable ||= :"@#{name}"
      end
    end

    TIME = /\A(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)\z/
    private_constant :TIME

    class << self
      # The members, in order.
      # @return [Hash{Symbol => Member}]
      def members
        @members ||= superclass.respond_to?(:members) ? superclass.members.dup : {}
      end

      # How many members may be given by place.
      def by_place
        @by_place ||= 0
      end

      # Reads a JSON object: a Hash with String or Symbol keys.
      # @param document [Hash]
      # @raise [Malformed] a member is missing or of the wrong type; +place+ says which
      def from_h(document)
        Reader.new.object(self, document, "")
      end

      private

      def member(name, type, default: nil, required: false, place: false)
        members[name] = Member.new(name: name, type: type, default: default.freeze, required: required)
        @by_place = by_place + 1 if place
        attr_reader name

        type == :boolean ? alias_method(:"#{name}?", name) : nil
      end
    end

    # Members by name; the first ones of some classes also by place.
    # @raise [InvalidArgument] a member is missing or of the wrong type; +place+ says which
    def initialize(*first, **given)
      members = self.class.members
      if first.size > self.class.by_place
        raise ArgumentError, "#{self.class.name} takes #{self.class.by_place} members by place, got #{first.size}"
      end

      index = -1
      members.each_value do |member|
        value = (index += 1) < first.size ? first[index] : given.delete(member.name)
        instance_variable_set(member.variable, value.nil? ? absent(member) : Given.accept(member.type, value, member.name))
      end
      raise ArgumentError, "#{self.class.name} has no member #{given.keys.join(", ")}" unless given.empty?

      freeze
    end

    # The JSON object as a Hash with Symbol keys; what is empty is left out.
    # @return [Hash{Symbol => Object}]
    def to_h
      self.class.members.each_key.with_object({}) do |name, out|
        value = public_send(name)
        if name == :extra
          value.each { |key, more| out[key.to_sym] = more }
        elsif !value.nil? && value != []
          out[name] = write_member(value)
        end
      end
    end

    # The JSON text.
    def to_json(*arguments)
      to_h.to_json(*arguments)
    end

    # A copy with some members changed.
    def with(**changes)
      self.class.new(**members, **changes)
    end

    # The members as they are, for pattern matching.
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(_names)
      members
    end

    # Equal is what is of the same class with equal members.
    def ==(other)
      other.instance_of?(self.class) && members == other.members
    end
    alias eql? ==

    # @return [Integer]
    def hash
      [self.class, members].hash
    end

    # @return [String]
    def inspect
      shown = members.reject { |_, value| value.nil? || value == [] || value == {} }
      "#<#{self.class.name}#{shown.map { |name, value| " #{name}=#{value.inspect}" }.join(",")}>"
    end
    alias to_s inspect

    # The members by their names.
    # @api private
    def members
      self.class.members.transform_values { |member| instance_variable_get(member.variable) }
    end

    # RFC 3339 in UTC with +Z+.
    # @api private
    def self.format_time(time)
      time = time.to_time if time.respond_to?(:to_time)
      digits = time.nsec.zero? ? 0 : 6
      time.getutc.iso8601(digits)
    end

    # Reads RFC 3339; digits below a microsecond are cut off.
    # @api private
    def self.parse_time(text)
      match = TIME.match(text)
      raise ArgumentError unless match

      day, clock, fraction, zone = match.captures
      Time.iso8601("#{day}T#{clock}#{fraction && fraction[0, 7]}#{zone.upcase}").getutc
    rescue ArgumentError
      raise Malformed.new("expected an RFC 3339 time such as 2026-10-05T15:00:00Z", reason: "bad_time")
    end

    private

    def absent(member)
      return member.default unless member.required

      raise InvalidArgument.new("expected a value at /#{member.name}", reason: "bad_member", place: "/#{member.name}")
    end

    def write_member(value)
      case value
      when Value then value.to_h
      when Time then Value.format_time(value)
      when Array then value.map { |item| write_member(item) }
      else value
      end
    end
  end
end

require_relative "value/given"
require_relative "value/reader"
