# frozen_string_literal: true

# Generated from include/fedigraft.h by bindings/generate.py: do not edit.
module Fedigraft
  # The version of this gem; the native library of the same release is inside.
  VERSION = "0.1.0"
end
