//! The error object: why a call failed, owned by the caller.
//!
//! Owns `fedigraft_error` and its readers. It carries what [`crate::Error`] carries and, like it, never user
//! data. There is no thread-local "last error": a call hands its own error to its own caller.

use std::ffi::{CStr, CString, c_char};

use serde_json::json;

use super::status::{self, fedigraft_status};
use crate::Error;

/// Why a call failed. Made by a failing call; free with fedigraft_error_free().
/// Immutable: any thread may read it.
pub struct fedigraft_error {
    status: fedigraft_status,
    retryable: bool,
    message: CString,
    detail: CString,
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<fedigraft_error>();
};

impl fedigraft_error {
    /// The error a failing call hands out.
    pub(super) fn from_error(error: &Error) -> Self {
        let status = fedigraft_status::from(error.code());
        let detail = json!({
            "status": status as i32,
            "code": name_of(status),
            "reason": error.reason(),
            "message": error.message(),
            "at": (!error.place().is_empty()).then(|| error.place()),
            "retryable": error.is_retryable(),
        });
        Self {
            status,
            retryable: error.is_retryable(),
            message: text(error.to_string()),
            detail: text(detail.to_string()),
        }
    }
}

fn name_of(status: fedigraft_status) -> &'static str {
    status::name(status as i32).to_str().unwrap_or("unknown")
}

/// A C string; a NUL inside (a JSON pointer may hold one) becomes U+FFFD.
fn text(text: String) -> CString {
    CString::new(text).unwrap_or_else(|e| {
        let clean = String::from_utf8_lossy(&e.into_vec()).replace('\0', "\u{fffd}");
        CString::new(clean).unwrap_or_default()
    })
}

/// The status of the call that made this error; FEDIGRAFT_OK for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_error_code(error: *const fedigraft_error) -> fedigraft_status {
    // SAFETY: NULL, or an error of this library that is not freed yet (the contract of every handle).
    unsafe { error.as_ref() }.map_or(fedigraft_status::FEDIGRAFT_OK, |error| error.status)
}

/// One sentence: what happened, where and what was expected. NUL-terminated UTF-8; "" for NULL.
/// Lives as long as the error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_error_message(error: *const fedigraft_error) -> *const c_char {
    // SAFETY: as in fedigraft_error_code.
    unsafe { error.as_ref() }.map_or(c"", |error| error.message.as_c_str()).as_ptr()
}

/// The whole error as JSON: {"status","code","reason","message","at","retryable"}. `reason` is a stable word
/// for the cause, `at` the place: an argument's name, with a JSON pointer into it ("post/content/format"), a
/// JSON pointer alone, a header's name, or null. NUL-terminated UTF-8; "{}" for NULL. Lives as long as the
/// error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_error_detail(error: *const fedigraft_error) -> *const c_char {
    const NONE: &CStr = c"{}";
    // SAFETY: as in fedigraft_error_code.
    unsafe { error.as_ref() }.map_or(NONE, |error| error.detail.as_c_str()).as_ptr()
}

/// 1 when the same call may succeed later, else 0; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_error_is_retryable(error: *const fedigraft_error) -> i32 {
    // SAFETY: as in fedigraft_error_code.
    unsafe { error.as_ref() }.map_or(0, |error| i32::from(error.retryable))
}

/// Frees an error. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_error_free(error: *mut fedigraft_error) {
    if !error.is_null() {
        // SAFETY: made by Box::into_raw in guard, and the caller frees it once.
        drop(unsafe { Box::from_raw(error) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn detail_is_json_with_the_place() {
        let error = Error::new(Code::Busy, "in_use", "wait").at("/a\0b").retryable();
        let made = fedigraft_error::from_error(&error);
        let detail: serde_json::Value = serde_json::from_slice(made.detail.to_bytes()).unwrap();
        assert_eq!(detail["status"], 7);
        assert_eq!(detail["code"], "busy");
        assert_eq!(detail["reason"], "in_use");
        assert_eq!(detail["at"], "/a\0b");
        assert_eq!(detail["retryable"], true);
        assert_eq!(made.message.to_str().unwrap(), "wait (in_use at /a\u{fffd}b)");
    }
}
