# frozen_string_literal: true

# The C ABI as the ffi gem sees it.
# Generated from include/fedigraft.h by bindings/generate.py: do not edit.
module Fedigraft
  module Native
    ABI_VERSION = 0
    MAX_INPUT = 16_777_216

    # Every status but success, by its number.
    STATUSES = {
      1 => :invalid_argument,
      2 => :malformed,
      3 => :unsupported,
      4 => :too_large,
      5 => :refused,
      6 => :out_of_step,
      7 => :busy,
      8 => :failed,
      9 => :too_new,
      10 => :crypto,
      99 => :internal
    }.freeze

    # +fedigraft_buf+.
    class Buf < FFI::Struct
      layout :data, :pointer, :len, :size_t
    end

    # Name, parameters, result, and whether the call gives the interpreter's lock away.
    FUNCTIONS = [
      [:fedigraft_version, [], :string, false],
      [:fedigraft_abi_version, [], :uint32, false],
      [:fedigraft_features, [:pointer, :pointer], :int32, true],
      [:fedigraft_status_name, [:int32], :string, false],
      [:fedigraft_error_code, [:pointer], :int32, false],
      [:fedigraft_error_message, [:pointer], :string, false],
      [:fedigraft_error_detail, [:pointer], :string, false],
      [:fedigraft_error_is_retryable, [:pointer], :int32, false],
      [:fedigraft_error_free, [:pointer], :void, false],
      [:fedigraft_buf_free, [:pointer], :void, false],
      [:fedigraft_key_generate, [:pointer, :pointer], :int32, true],
      [:fedigraft_key_from_pem, [:buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_key_to_pem, [:pointer, :pointer, :pointer], :int32, true],
      [:fedigraft_key_public_pem, [:pointer, :pointer, :pointer], :int32, true],
      [:fedigraft_key_sign, [:pointer, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_key_free, [:pointer], :void, false],
      [:fedigraft_public_key_from_pem, [:buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_public_key_to_pem, [:pointer, :pointer, :pointer], :int32, true],
      [:fedigraft_public_key_free, [:pointer], :void, false],
      [:fedigraft_instance_new, [:buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_instance_describe, [:pointer, :pointer, :pointer], :int32, true],
      [:fedigraft_instance_uri, [:pointer, :buffer_in, :size_t, :buffer_in, :size_t, :pointer, :pointer], :int32, false],
      [:fedigraft_instance_free, [:pointer], :void, false],
      [:fedigraft_request_sign, [:pointer, :buffer_in, :size_t, :int64, :buffer_in, :size_t, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_request_key_id, [:buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_request_verify, [:pointer, :pointer, :int64, :buffer_in, :size_t, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_request_explain, [:pointer, :pointer, :int64, :buffer_in, :size_t, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_profile_render, [:pointer, :buffer_in, :size_t, :pointer, :pointer, :pointer], :int32, true],
      [:fedigraft_profile_read, [:buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_post_render, [:pointer, :buffer_in, :size_t, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_post_read, [:buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_activity_read, [:buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_html_sanitise, [:buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_html_to_text, [:buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_content_to_html, [:pointer, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_webfinger_render, [:pointer, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_nodeinfo_render, [:pointer, :buffer_in, :size_t, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_route, [:pointer, :buffer_in, :size_t, :pointer, :pointer], :int32, false],
      [:fedigraft_receive, [:pointer, :int64, :buffer_in, :size_t, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_perform, [:pointer, :int64, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_look_up, [:pointer, :int64, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_resume, [:pointer, :int64, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_send, [:pointer, :int64, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      [:fedigraft_exchange_step, [:pointer, :pointer, :pointer, :pointer], :int32, true],
      [:fedigraft_exchange_answer_load, [:pointer, :uint32, :int64, :buffer_in, :size_t, :pointer], :int32, true],
      [:fedigraft_exchange_answer_fetch, [:pointer, :uint32, :int64, :buffer_in, :size_t, :buffer_in, :size_t, :pointer], :int32, true],
      [:fedigraft_exchange_answer_sign, [:pointer, :uint32, :int64, :buffer_in, :size_t, :pointer], :int32, true],
      [:fedigraft_exchange_answer_failed, [:pointer, :uint32, :int64, :buffer_in, :size_t, :int32, :pointer], :int32, true],
      [:fedigraft_exchange_free, [:pointer], :void, false]
    ].freeze
  end
end
