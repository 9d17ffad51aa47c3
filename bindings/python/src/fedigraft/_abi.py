"""The C ABI as ctypes sees it.

Generated from include/fedigraft.h by bindings/generate.py: do not edit.
"""

from ctypes import (
    CDLL,
    POINTER,
    Structure,
    c_char_p,
    c_int32,
    c_int64,
    c_size_t,
    c_uint32,
    c_void_p,
)

ABI_VERSION = 0
MAX_INPUT = 16777216
VERSION = "0.1.0"
VERSION_MAJOR = 0
VERSION_MINOR = 1
VERSION_PATCH = 0
OK = 0
INVALID_ARGUMENT = 1
MALFORMED = 2
UNSUPPORTED = 3
TOO_LARGE = 4
REFUSED = 5
OUT_OF_STEP = 6
BUSY = 7
FAILED = 8
TOO_NEW = 9
CRYPTO = 10
INTERNAL = 99


class Buf(Structure):
    """``fedigraft_buf``."""

    _fields_ = (
        ("data", c_void_p),
        ("len", c_size_t),
    )


def declare(library: CDLL) -> None:
    """Gives every function of the library its types."""
    library.fedigraft_version.restype = c_char_p
    library.fedigraft_version.argtypes = (
    )
    library.fedigraft_abi_version.restype = c_uint32
    library.fedigraft_abi_version.argtypes = (
    )
    library.fedigraft_features.restype = c_int32
    library.fedigraft_features.argtypes = (
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_status_name.restype = c_char_p
    library.fedigraft_status_name.argtypes = (
        c_int32,  # status
    )
    library.fedigraft_error_code.restype = c_int32
    library.fedigraft_error_code.argtypes = (
        c_void_p,  # error
    )
    library.fedigraft_error_message.restype = c_char_p
    library.fedigraft_error_message.argtypes = (
        c_void_p,  # error
    )
    library.fedigraft_error_detail.restype = c_char_p
    library.fedigraft_error_detail.argtypes = (
        c_void_p,  # error
    )
    library.fedigraft_error_is_retryable.restype = c_int32
    library.fedigraft_error_is_retryable.argtypes = (
        c_void_p,  # error
    )
    library.fedigraft_error_free.restype = None
    library.fedigraft_error_free.argtypes = (
        c_void_p,  # error
    )
    library.fedigraft_buf_free.restype = None
    library.fedigraft_buf_free.argtypes = (
        POINTER(Buf),  # buf
    )
    library.fedigraft_key_generate.restype = c_int32
    library.fedigraft_key_generate.argtypes = (
        POINTER(c_void_p),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_key_from_pem.restype = c_int32
    library.fedigraft_key_from_pem.argtypes = (
        c_char_p,  # pem
        c_size_t,  # pem_len
        POINTER(c_void_p),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_key_to_pem.restype = c_int32
    library.fedigraft_key_to_pem.argtypes = (
        c_void_p,  # key
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_key_public_pem.restype = c_int32
    library.fedigraft_key_public_pem.argtypes = (
        c_void_p,  # key
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_key_sign.restype = c_int32
    library.fedigraft_key_sign.argtypes = (
        c_void_p,  # key
        c_char_p,  # message
        c_size_t,  # message_len
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_key_free.restype = None
    library.fedigraft_key_free.argtypes = (
        c_void_p,  # key
    )
    library.fedigraft_public_key_from_pem.restype = c_int32
    library.fedigraft_public_key_from_pem.argtypes = (
        c_char_p,  # pem
        c_size_t,  # pem_len
        POINTER(c_void_p),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_public_key_to_pem.restype = c_int32
    library.fedigraft_public_key_to_pem.argtypes = (
        c_void_p,  # key
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_public_key_free.restype = None
    library.fedigraft_public_key_free.argtypes = (
        c_void_p,  # key
    )
    library.fedigraft_instance_new.restype = c_int32
    library.fedigraft_instance_new.argtypes = (
        c_char_p,  # config
        c_size_t,  # config_len
        POINTER(c_void_p),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_instance_describe.restype = c_int32
    library.fedigraft_instance_describe.argtypes = (
        c_void_p,  # instance
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_instance_uri.restype = c_int32
    library.fedigraft_instance_uri.argtypes = (
        c_void_p,  # instance
        c_char_p,  # kind
        c_size_t,  # kind_len
        c_char_p,  # id
        c_size_t,  # id_len
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_instance_free.restype = None
    library.fedigraft_instance_free.argtypes = (
        c_void_p,  # instance
    )
    library.fedigraft_request_sign.restype = c_int32
    library.fedigraft_request_sign.argtypes = (
        c_void_p,  # key
        c_char_p,  # key_id
        c_size_t,  # key_id_len
        c_int64,  # now
        c_char_p,  # head
        c_size_t,  # head_len
        c_char_p,  # body
        c_size_t,  # body_len
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_request_key_id.restype = c_int32
    library.fedigraft_request_key_id.argtypes = (
        c_char_p,  # head
        c_size_t,  # head_len
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_request_verify.restype = c_int32
    library.fedigraft_request_verify.argtypes = (
        c_void_p,  # instance
        c_void_p,  # public_key
        c_int64,  # now
        c_char_p,  # head
        c_size_t,  # head_len
        c_char_p,  # body
        c_size_t,  # body_len
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_request_explain.restype = c_int32
    library.fedigraft_request_explain.argtypes = (
        c_void_p,  # instance
        c_void_p,  # public_key
        c_int64,  # now
        c_char_p,  # head
        c_size_t,  # head_len
        c_char_p,  # body
        c_size_t,  # body_len
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_profile_render.restype = c_int32
    library.fedigraft_profile_render.argtypes = (
        c_void_p,  # instance
        c_char_p,  # profile
        c_size_t,  # profile_len
        c_void_p,  # public_key
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_profile_read.restype = c_int32
    library.fedigraft_profile_read.argtypes = (
        c_char_p,  # actor
        c_size_t,  # actor_len
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_post_render.restype = c_int32
    library.fedigraft_post_render.argtypes = (
        c_void_p,  # instance
        c_char_p,  # profile
        c_size_t,  # profile_len
        c_char_p,  # post
        c_size_t,  # post_len
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_post_read.restype = c_int32
    library.fedigraft_post_read.argtypes = (
        c_char_p,  # object
        c_size_t,  # object_len
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_activity_read.restype = c_int32
    library.fedigraft_activity_read.argtypes = (
        c_char_p,  # activity
        c_size_t,  # activity_len
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_html_sanitise.restype = c_int32
    library.fedigraft_html_sanitise.argtypes = (
        c_char_p,  # html
        c_size_t,  # html_len
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_html_to_text.restype = c_int32
    library.fedigraft_html_to_text.argtypes = (
        c_char_p,  # html
        c_size_t,  # html_len
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_content_to_html.restype = c_int32
    library.fedigraft_content_to_html.argtypes = (
        c_void_p,  # instance
        c_char_p,  # content
        c_size_t,  # content_len
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_webfinger_render.restype = c_int32
    library.fedigraft_webfinger_render.argtypes = (
        c_void_p,  # instance
        c_char_p,  # profile
        c_size_t,  # profile_len
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_nodeinfo_render.restype = c_int32
    library.fedigraft_nodeinfo_render.argtypes = (
        c_void_p,  # instance
        c_char_p,  # version
        c_size_t,  # version_len
        c_char_p,  # usage
        c_size_t,  # usage_len
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_route.restype = c_int32
    library.fedigraft_route.argtypes = (
        c_void_p,  # instance
        c_char_p,  # head
        c_size_t,  # head_len
        POINTER(Buf),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_receive.restype = c_int32
    library.fedigraft_receive.argtypes = (
        c_void_p,  # instance
        c_int64,  # now
        c_char_p,  # head
        c_size_t,  # head_len
        c_char_p,  # body
        c_size_t,  # body_len
        POINTER(c_void_p),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_perform.restype = c_int32
    library.fedigraft_perform.argtypes = (
        c_void_p,  # instance
        c_int64,  # now
        c_char_p,  # action
        c_size_t,  # action_len
        POINTER(c_void_p),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_look_up.restype = c_int32
    library.fedigraft_look_up.argtypes = (
        c_void_p,  # instance
        c_int64,  # now
        c_char_p,  # query
        c_size_t,  # query_len
        POINTER(c_void_p),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_resume.restype = c_int32
    library.fedigraft_resume.argtypes = (
        c_void_p,  # instance
        c_int64,  # now
        c_char_p,  # job
        c_size_t,  # job_len
        POINTER(c_void_p),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_send.restype = c_int32
    library.fedigraft_send.argtypes = (
        c_void_p,  # instance
        c_int64,  # now
        c_char_p,  # delivery
        c_size_t,  # delivery_len
        POINTER(c_void_p),  # out
        POINTER(c_void_p),  # error
    )
    library.fedigraft_exchange_step.restype = c_int32
    library.fedigraft_exchange_step.argtypes = (
        c_void_p,  # exchange
        POINTER(Buf),  # step
        POINTER(Buf),  # body
        POINTER(c_void_p),  # error
    )
    library.fedigraft_exchange_answer_load.restype = c_int32
    library.fedigraft_exchange_answer_load.argtypes = (
        c_void_p,  # exchange
        c_uint32,  # step
        c_int64,  # now
        c_char_p,  # values
        c_size_t,  # values_len
        POINTER(c_void_p),  # error
    )
    library.fedigraft_exchange_answer_fetch.restype = c_int32
    library.fedigraft_exchange_answer_fetch.argtypes = (
        c_void_p,  # exchange
        c_uint32,  # step
        c_int64,  # now
        c_char_p,  # head
        c_size_t,  # head_len
        c_char_p,  # body
        c_size_t,  # body_len
        POINTER(c_void_p),  # error
    )
    library.fedigraft_exchange_answer_sign.restype = c_int32
    library.fedigraft_exchange_answer_sign.argtypes = (
        c_void_p,  # exchange
        c_uint32,  # step
        c_int64,  # now
        c_char_p,  # signature
        c_size_t,  # signature_len
        POINTER(c_void_p),  # error
    )
    library.fedigraft_exchange_answer_failed.restype = c_int32
    library.fedigraft_exchange_answer_failed.argtypes = (
        c_void_p,  # exchange
        c_uint32,  # step
        c_int64,  # now
        c_char_p,  # reason
        c_size_t,  # reason_len
        c_int32,  # retryable
        POINTER(c_void_p),  # error
    )
    library.fedigraft_exchange_free.restype = None
    library.fedigraft_exchange_free.argtypes = (
        c_void_p,  # exchange
    )
