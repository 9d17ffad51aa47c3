//! The guard around the body of every exported function: no panic crosses the boundary.
//!
//! Owns the turn from `Result` to status and error object. Panic texts may quote what was being read, so they
//! never reach the error; the place in this library's source does. In release builds they are not printed
//! either: for panics under a guard the hook prints the place alone, all others go to the hook that was there.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use super::error::fedigraft_error;
use super::status::fedigraft_status;
use crate::{Code, Error, Result};

#[cfg(panic = "abort")]
compile_error!(
    "the C functions promise to survive a panic: build the feature `capi` with panic = \"unwind\""
);

thread_local! {
    /// Guards this thread is inside.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Where the last panic under a guard happened.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs the body of an exported function. A failure is written to `error` when that is not NULL, and its status
/// is returned; on success `error` is left alone.
///
/// # Safety
/// `error` is NULL or points to a writable pointer.
pub(super) unsafe fn guard(
    error: *mut *mut fedigraft_error,
    body: impl FnOnce() -> Result<()>,
) -> fedigraft_status {
    let failure = match caught(body) {
        Ok(()) => return fedigraft_status::FEDIGRAFT_OK,
        Err(failure) => failure,
    };
    if !error.is_null() {
        let object = Box::new(fedigraft_error::from_error(&failure));
        // SAFETY: not NULL, and writable by the contract above.
        unsafe { error.write(Box::into_raw(object)) };
    }
    failure.code().into()
}

/// Runs a destructor: a panic inside it is swallowed, for there is nobody to tell.
pub(super) fn freeing(body: impl FnOnce()) {
    let _ = caught(|| {
        body();
        Ok(())
    });
}

fn caught(body: impl FnOnce() -> Result<()>) -> Result<()> {
    quiet_hook();
    DEPTH.set(DEPTH.get() + 1);
    let outcome = catch_unwind(AssertUnwindSafe(body));
    DEPTH.set(DEPTH.get() - 1);
    outcome.unwrap_or_else(|payload| {
        // A payload's own destructor may panic: leak it (a bug is rare, a crash is worse).
        std::mem::forget(payload);
        let message = "a bug in this library stopped the call; it had no effect. Please report the place";
        Err(Error::new(Code::Internal, "panic", message).at(PLACE.take()))
    })
}

/// Installs the hook once: it keeps the place of a panic under a guard and, in release builds, its text off
/// standard error.
fn quiet_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if std::thread::panicking() {
            return; // The hook cannot be set now; nothing depends on it.
        }
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if DEPTH.try_with(Cell::get).unwrap_or(0) == 0 {
                return before(info);
            }
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            if cfg!(debug_assertions) {
                before(info);
            } else {
                eprintln!("fedigraft: internal error at {place}");
            }
            let _ = PLACE.try_with(|kept| kept.replace(place));
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;
    use std::ptr;

    fn run(body: impl FnOnce() -> Result<()>) -> (fedigraft_status, String) {
        let mut error = ptr::null_mut();
        // SAFETY: `error` is writable; what it holds is read and freed once.
        unsafe {
            let status = guard(&raw mut error, body);
            let detail = super::super::error::fedigraft_error_detail(error);
            let detail = CStr::from_ptr(detail).to_str().unwrap().to_owned();
            super::super::error::fedigraft_error_free(error);
            (status, detail)
        }
    }

    #[test]
    fn a_panic_becomes_a_status_with_its_place_and_without_its_text() {
        let (status, detail) = run(|| panic!("text of alice@example.com"));
        assert_eq!(status, fedigraft_status::FEDIGRAFT_INTERNAL);
        assert!(!detail.contains("alice"), "{detail}");
        assert!(detail.contains("guard.rs:"), "{detail}");
    }

    #[test]
    fn success_leaves_the_error_alone() {
        assert_eq!(run(|| Ok(())), (fedigraft_status::FEDIGRAFT_OK, "{}".to_owned()));
    }

    #[test]
    fn an_error_may_be_ignored() {
        // SAFETY: NULL is allowed.
        let status = unsafe { guard(ptr::null_mut(), || Err(Error::new(Code::TooNew, "too_new", "later"))) };
        assert_eq!(status, fedigraft_status::FEDIGRAFT_TOO_NEW);
    }

    #[test]
    fn a_panic_while_freeing_is_swallowed() {
        freeing(|| panic!("in a destructor"));
    }
}
