//! Status codes: what a call came to, as a number a C program can branch on.
//!
//! Owns the numbers; they are the [`Code`](crate::Code)s of the library with 0 for success.

use std::ffi::{CStr, c_char};

use crate::Code;

/// What a call came to. 0 is success. Numbers are never reused, new ones are only appended.
/// A refused signature is not a failure: the call is FEDIGRAFT_OK and its verdict says no.
/// cbindgen:enum-class=false
#[allow(clippy::upper_case_acronyms)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum fedigraft_status {
    /// Done; every `out` is written.
    FEDIGRAFT_OK = 0,
    /// An argument is missing, has the wrong type or contradicts another: a fault in the calling code.
    FEDIGRAFT_INVALID_ARGUMENT = 1,
    /// Foreign bytes are not what they claim to be: not UTF-8, not JSON, not PEM, a wrong shape.
    FEDIGRAFT_MALFORMED = 2,
    /// Well formed, but of a kind this library does not handle.
    FEDIGRAFT_UNSUPPORTED = 3,
    /// Over a documented bound (size, depth, number).
    FEDIGRAFT_TOO_LARGE = 4,
    /// A rule forbids it: a private post, a blocked host, a private address.
    FEDIGRAFT_REFUSED = 5,
    /// An answer to a step the exchange is not at.
    FEDIGRAFT_OUT_OF_STEP = 6,
    /// Another thread is inside this exchange. Retryable.
    FEDIGRAFT_BUSY = 7,
    /// The exchange ended early and can only be freed.
    FEDIGRAFT_FAILED = 8,
    /// A stored document of a newer major version: keep it and try again after the upgrade.
    FEDIGRAFT_TOO_NEW = 9,
    /// The cryptographic backend refused the key or the operation.
    FEDIGRAFT_CRYPTO = 10,
    /// A bug in this library; the call had no effect. Please report it.
    FEDIGRAFT_INTERNAL = 99,
}

use fedigraft_status::{
    FEDIGRAFT_BUSY, FEDIGRAFT_CRYPTO, FEDIGRAFT_FAILED, FEDIGRAFT_INTERNAL, FEDIGRAFT_INVALID_ARGUMENT,
    FEDIGRAFT_MALFORMED, FEDIGRAFT_OK, FEDIGRAFT_OUT_OF_STEP, FEDIGRAFT_REFUSED, FEDIGRAFT_TOO_LARGE,
    FEDIGRAFT_TOO_NEW, FEDIGRAFT_UNSUPPORTED,
};

impl From<Code> for fedigraft_status {
    fn from(code: Code) -> Self {
        match code {
            Code::InvalidArgument => FEDIGRAFT_INVALID_ARGUMENT,
            Code::Malformed => FEDIGRAFT_MALFORMED,
            Code::Unsupported => FEDIGRAFT_UNSUPPORTED,
            Code::TooLarge => FEDIGRAFT_TOO_LARGE,
            Code::Refused => FEDIGRAFT_REFUSED,
            Code::OutOfStep => FEDIGRAFT_OUT_OF_STEP,
            Code::Busy => FEDIGRAFT_BUSY,
            Code::Failed => FEDIGRAFT_FAILED,
            Code::TooNew => FEDIGRAFT_TOO_NEW,
            Code::Crypto => FEDIGRAFT_CRYPTO,
            Code::Internal => FEDIGRAFT_INTERNAL,
        }
    }
}

/// Every status with its name.
const NAMES: [(fedigraft_status, &CStr); 12] = [
    (FEDIGRAFT_OK, c"ok"),
    (FEDIGRAFT_INVALID_ARGUMENT, c"invalid_argument"),
    (FEDIGRAFT_MALFORMED, c"malformed"),
    (FEDIGRAFT_UNSUPPORTED, c"unsupported"),
    (FEDIGRAFT_TOO_LARGE, c"too_large"),
    (FEDIGRAFT_REFUSED, c"refused"),
    (FEDIGRAFT_OUT_OF_STEP, c"out_of_step"),
    (FEDIGRAFT_BUSY, c"busy"),
    (FEDIGRAFT_FAILED, c"failed"),
    (FEDIGRAFT_TOO_NEW, c"too_new"),
    (FEDIGRAFT_CRYPTO, c"crypto"),
    (FEDIGRAFT_INTERNAL, c"internal"),
];

/// The name of a status number; `unknown` for a number this version does not know.
pub(super) fn name(status: i32) -> &'static CStr {
    NAMES.iter().find(|(known, _)| *known as i32 == status).map_or(c"unknown", |(_, name)| name)
}

/// The name of a status, such as "malformed"; "unknown" for a number this version does not know.
/// Lives as long as the library is loaded; never freed.
#[unsafe(no_mangle)]
pub extern "C" fn fedigraft_status_name(status: i32) -> *const c_char {
    name(status).as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_library() {
        for code in [Code::InvalidArgument, Code::Busy, Code::Crypto, Code::Internal] {
            assert_eq!(fedigraft_status::from(code) as i32, code as i32);
        }
    }

    #[test]
    fn every_number_has_a_name_and_others_are_unknown() {
        assert_eq!(name(0), c"ok");
        assert_eq!(name(99), c"internal");
        assert_eq!(name(-1), c"unknown");
        assert_eq!(name(11), c"unknown");
    }
}
