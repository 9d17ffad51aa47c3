# frozen_string_literal: true

# The native library: found, checked and called.
#
# One place turns a status into an exception and a buffer into a String. Whatever hashes, signs or parses is
# called without the interpreter's lock, so that threads which sign or verify run side by side.
require "ffi"
require "json"
require_relative "errors"
require_relative "native/functions"

module Fedigraft
  # The functions of the C ABI by their own names, and the few ways to call them. Not for the host.
  module Native
    extend FFI::Library

    # The exception of each status.
    CLASSES = STATUSES.transform_values do |name|
      Fedigraft.const_get(name.to_s.split("_").map(&:capitalize).join)
    end.freeze

    # What a call writes to: two buffers and an error, in one piece of memory that is used again and again.
    class Scratch
      SLOT = :fedigraft_scratch
      LENGTH = Buf.offset_of(:len)

      attr_reader :out, :body, :error

      # The scratch of this thread. A call inside a call, as from a signal handler, gets one of its own.
      def self.take
        thread = Thread.current
        scratch = thread[SLOT]
        return new unless scratch

        thread[SLOT] = nil
        scratch
      end

      def initialize
        @memory = FFI::MemoryPointer.new(:uint8, (2 * Buf.size) + FFI::Pointer.size)
        @out = @memory.slice(0, Buf.size)
        @body = @memory.slice(Buf.size, Buf.size)
        @error = @memory.slice(2 * Buf.size, FFI::Pointer.size)
      end

      # The bytes of a buffer, as a String of their own.
      def read(buffer = @out)
        length = buffer.get_uint64(LENGTH)
        length.zero? ? String.new : buffer.get_pointer(0).get_bytes(0, length)
      end

      # The handle that was made.
      def handle
        @out.get_pointer(0)
      end

      # The error that was made, as an exception.
      def exception(status)
        pointer = @error.get_pointer(0)
        return Native.bare(status) if pointer.null?

        begin
          Native.exception(status, pointer)
        ensure
          @error.put_pointer(0, nil)
          Native.fedigraft_error_free(pointer)
        end
      end

      # Ready for the next call.
      def release
        Native.fedigraft_buf_free(@out)
        Thread.current[SLOT] = self
      end

      # As +release+, after a call that wrote two buffers.
      def release_both
        Native.fedigraft_buf_free(@body)
        release
      end

      # As +release+, after a call that made a handle.
      def release_handle
        @out.put_pointer(0, nil)
        Thread.current[SLOT] = self
      end
    end

    class << self
      # The bytes a function gave: the block calls it with the two last arguments.
      def bytes
        scratch = Scratch.take
        begin
          status = yield scratch.out, scratch.error
          raise scratch.exception(status) unless status.zero?

          scratch.read
        ensure
          scratch.release
        end
      end

      # As +bytes+, for text.
      def text(&call)
        bytes(&call).force_encoding(Encoding::UTF_8)
      end

      # As +bytes+, for JSON.
      def json(&call)
        JSON.parse(text(&call), max_nesting: false)
      end

      # Two buffers: the JSON of the first, the bytes of the second.
      def json_and_bytes
        scratch = Scratch.take
        begin
          status = yield scratch.out, scratch.body, scratch.error
          raise scratch.exception(status) unless status.zero?

          text = scratch.read.force_encoding(Encoding::UTF_8)
          [JSON.parse(text, max_nesting: false), scratch.read(scratch.body)]
        ensure
          scratch.release_both
        end
      end

      # The handle a function made, owned: +free+ is called when it is let go. No interrupt comes in between.
      def handle(free)
        Thread.handle_interrupt(Object => :never) do
          scratch = Scratch.take
          begin
            status = yield scratch.out, scratch.error
            raise scratch.exception(status) unless status.zero?

            FFI::AutoPointer.new(scratch.handle, method(free))
          ensure
            scratch.release_handle
          end
        end
      end

      # Calls a function that gives nothing but its status.
      def call
        scratch = Scratch.take
        begin
          status = yield scratch.error
          raise scratch.exception(status) unless status.zero?
        ensure
          scratch.release_handle
        end
        nil
      end

      # A JSON value as the bytes that cross the boundary.
      def document(value)
        JSON.generate(value, max_nesting: 0).freeze
      rescue JSON::GeneratorError, EncodingError, TypeError => e
        raise InvalidArgument.new("this cannot be written as JSON: #{e.class}", reason: "not_json")
      end

      # A String that nobody changes while the library reads it without the interpreter's lock.
      def input(string, place = "argument")
        return string if string.frozen? && string.instance_of?(String)
        raise InvalidArgument.new("expected a String", reason: "wrong_type", place: place) unless string.is_a?(String)

        String.new(string).freeze
      end

      # As the header's latin-1: each byte is one code point below 256.
      def latin1(string)
        return string if string.ascii_only?

        string.encode(Encoding::UTF_8, Encoding::ISO_8859_1)
      end

      # The way back from +latin1+.
      def from_latin1(string)
        string.ascii_only? ? string : string.encode(Encoding::ISO_8859_1).b
      end

      # The exception an error of the library becomes.
      def exception(status, pointer)
        detail = JSON.parse(fedigraft_error_detail(pointer).dup.force_encoding(Encoding::UTF_8))
        message = detail["message"] || fedigraft_error_message(pointer)
        CLASSES.fetch(status, Internal).new(
          message, reason: detail["reason"].to_s, place: detail["at"].to_s,
                   retryable: fedigraft_error_is_retryable(pointer) == 1
        )
      end

      # The exception of a status that came without an error.
      def bare(status)
        CLASSES.fetch(status, Internal).new("the native library answered status #{status}")
      end

      # +FEDIGRAFT_LIBRARY+ when it is set, else the file beside this code.
      def find
        named = ENV.fetch("FEDIGRAFT_LIBRARY", "")
        named.empty? ? File.join(__dir__, FFI.map_library_name("fedigraft")) : named
      end

      # Loads the library, checks its ABI version, declares its functions.
      def open(path)
        unless File.file?(path)
          raise LibraryError.new(
            "the native library is not at #{path}; install the gem of your platform, run `make ruby` in a checkout, " \
            "or name the file in FEDIGRAFT_LIBRARY", reason: "library_missing"
          )
        end
        ffi_lib path
        check(path)
        FUNCTIONS.each do |name, parameters, result, blocking|
          attach_function name, parameters, result, blocking: blocking unless respond_to?(name)
        end
      rescue ::LoadError, FFI::NotFoundError => e
        raise LibraryError.new("#{path} is not the library this gem needs: #{e.message}", reason: "library_unusable")
      end

      private

      def check(path)
        attach_function :fedigraft_abi_version, [], :uint32
        found = fedigraft_abi_version
        return if found == ABI_VERSION

        raise LibraryError.new(
          "#{path} has ABI version #{found}, this gem needs #{ABI_VERSION}; install both from the same release",
          reason: "abi_mismatch"
        )
      end
    end

    open(find)
  end
end
