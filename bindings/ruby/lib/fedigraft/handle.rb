# frozen_string_literal: true

# Handles of the native library: each is freed exactly once, never under a call that still uses it.
#
# C leaves the use of a freed handle undefined; this file makes it an exception. Every handle counts the calls
# in flight. +close+ marks it closed, and the last call to leave frees it. Who never closes it leaves that to
# the garbage collector, which cannot come while a call holds the object.
require_relative "native"

module Fedigraft
  # Something the native library owns. Close it, or use the block form, or let it go.
  class Handle
    UNDISTURBED = { Object => :never }.freeze
    private_constant :UNDISTURBED

    # Makes it, gives it to the block and closes it after; without a block, gives it back.
    # @return [Handle, Object] the handle, or what the block gave
    def self.open(*arguments, **options, &block)
      block ? new(*arguments, **options).with(&block) : new(*arguments, **options)
    end

    # Gives itself to the block and closes after it.
    # @return [Object] what the block gave
    def with
      yield self
    ensure
      close
    end

    # True once +close+ was called; every further use raises {InvalidArgument}.
    # @return [Boolean]
    def closed?
      @closed
    end

    # Frees it now, or as soon as the last call in flight returns. Closing twice is fine.
    # @return [nil]
    def close
      Thread.handle_interrupt(UNDISTURBED) do
        @lock.synchronize do
          @closed = true
          last
        end&.free
      end
      nil
    end

    # @return [String]
    def inspect
      "#<#{self.class.name}#{" (closed)" if closed?}>"
    end

    # Handles belong to their process.
    def marshal_dump
      raise TypeError, "a #{self.class.name} belongs to its process and is not marshalled"
    end

    # As +marshal_dump+, for YAML.
    def encode_with(_coder)
      marshal_dump
    end

    # A constant may be frozen like any other: nothing that shows ever changes, and the calls in flight are still counted.
    # @return [Handle] itself
    def freeze
      self
    end

    # A copy would free what the original still uses.
    def initialize_copy(_other)
      raise TypeError, "a #{self.class.name} is not copied; share it, any thread may use it"
    end

    # Gives the pointer to the block and keeps it alive meanwhile. For this gem's own files. Whoever kills or interrupts
    # the thread waits for the end, as for any native call: a call that is not counted out would keep it from being freed.
    # @api private
    def pinned
      Thread.handle_interrupt(UNDISTURBED) do
        enter
        begin
          yield @pointer
        ensure
          leave&.free
        end
      end
    end

    private

    def enter
      @lock.synchronize do
        raise closed_error if @closed

        @calls += 1
      end
    end

    # The pointer when it is to be freed.
    def leave
      @lock.synchronize do
        @calls -= 1
        last if @closed
      end
    end

    def own(pointer)
      @pointer = pointer
      @lock = Mutex.new
      @calls = 0
      @closed = false
    end

    # The pointer when nobody needs it any more; it is given out once.
    def last
      return unless @calls.zero?

      pointer = @pointer
      @pointer = nil
      pointer
    end

    def closed_error
      name = self.class.name.split("::").last
      InvalidArgument.new("this #{name} is closed; make a new one", reason: "closed", place: name)
    end
  end
end
