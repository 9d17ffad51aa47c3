//! Exchanges: the steps and the answers to them.
//!
//! Owns the in-use flag: an exchange serves one thread at a time. A second thread gets `busy`; after a panic
//! inside, the exchange is `failed` for good. Both are what a mutex that is only ever tried can tell.

use std::sync::{Mutex, TryLockError};

use super::bytes::{Out, bytes, fedigraft_buf, free, handle, text};
use super::error::fedigraft_error;
use super::guard::guard;
use super::status::fedigraft_status;
use crate::exchange::Exchange;
use crate::{Code, Error, Result};

/// One short unit of work that may need your help. Serves one thread at a time; a second one gets
/// FEDIGRAFT_BUSY. Until its step "done" it has had no effect, so it may be dropped at any time.
/// Free with fedigraft_exchange_free().
pub struct fedigraft_exchange(Mutex<Exchange>);

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<fedigraft_exchange>();
};

impl fedigraft_exchange {
    pub(super) fn new(exchange: Exchange) -> Self {
        Self(Mutex::new(exchange))
    }

    /// Enters the exchange, runs `work` and leaves it.
    fn enter(&self, work: impl FnOnce(&mut Exchange) -> Result<()>) -> Result<()> {
        match self.0.try_lock() {
            Ok(mut exchange) => work(&mut exchange),
            Err(TryLockError::WouldBlock) => {
                Err(Error::new(Code::Busy, "in_use", "another thread is inside this exchange").retryable())
            }
            Err(TryLockError::Poisoned(_)) => Err(Error::new(
                Code::Failed,
                "broken",
                "a bug in this library broke the exchange; free it and begin anew",
            )),
        }
    }
}

/// Says what the exchange needs next. Asking again gives the same.
///   {"step":1,"load":[{"name","key","cursor"},...]}             answer_load
///   {"step":2,"fetch":{"method","url","headers","max_body",...}} answer_fetch; the request's body is in `body`
///   {"step":3,"sign":{"key_id","actor","algorithm","bytes"}}     answer_sign; "bytes" is base64
///   {"step":4,"done":{"response","events","store","jobs","deliveries","once","result","verdict","spent"}}
///                                                      commit it, then send the response, whose body is in `body`
/// Any question may be answered with answer_failed.
/// On OK: `step` holds the JSON, `body` raw bytes or nothing; free both with fedigraft_buf_free().
/// Statuses: BUSY; the status it ended with when the exchange failed, such as FAILED.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_exchange_step(
    exchange: *mut fedigraft_exchange,
    step: *mut fedigraft_buf,
    body: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    // SAFETY: the caller keeps the conventions at the top of the header; so in every function below.
    unsafe {
        guard(error, || {
            if std::ptr::eq(step, body) && !step.is_null() {
                return Err(crate::error::invalid("same_buffer", "two buffers are needed").at("body"));
            }
            let step = Out::buf("step", step)?;
            let body = Out::buf("body", body)?;
            handle("exchange", exchange)?.enter(|exchange| {
                let (json, raw) = exchange.step()?;
                step.put(json);
                body.put_copy(raw);
                Ok(())
            })
        })
    }
}

/// Answers a "load": a JSON array with, for each thing asked for and in order, {"value":...}, null (known not
/// to exist) or {"error":"...","retryable":true}. `step` is the number of the step answered.
/// Statuses: OUT_OF_STEP (nothing happened), BUSY, FAILED.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_exchange_answer_load(
    exchange: *mut fedigraft_exchange,
    step: u32,
    now: i64,
    values: *const u8,
    values_len: usize,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let exchange = handle("exchange", exchange)?;
            let values = bytes("values", values, values_len)?;
            exchange.enter(|exchange| exchange.answer_load(step, now, values))
        })
    }
}

/// Answers a "fetch" with the answer's head, JSON {"url","status","headers","address"}, and the body as read,
/// at most the step's max_body bytes. Follow no redirect: it comes back as a fetch of its own.
/// Statuses: OUT_OF_STEP (nothing happened), BUSY, FAILED.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_exchange_answer_fetch(
    exchange: *mut fedigraft_exchange,
    step: u32,
    now: i64,
    head: *const u8,
    head_len: usize,
    body: *const u8,
    body_len: usize,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let exchange = handle("exchange", exchange)?;
            let head = bytes("head", head, head_len)?;
            let body = bytes("body", body, body_len)?;
            exchange.enter(|exchange| exchange.answer_fetch(step, now, head, body))
        })
    }
}

/// Answers a "sign" with the raw signature, by fedigraft_key_sign() or a key service.
/// Statuses: OUT_OF_STEP (nothing happened), BUSY, FAILED.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_exchange_answer_sign(
    exchange: *mut fedigraft_exchange,
    step: u32,
    now: i64,
    signature: *const u8,
    signature_len: usize,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let exchange = handle("exchange", exchange)?;
            let signature = bytes("signature", signature, signature_len)?;
            exchange.enter(|exchange| exchange.answer_sign(step, now, signature))
        })
    }
}

/// Answers any question: it could not be done (network, DNS, database). `reason` is one line for the
/// operator; `retryable` is not 0 when it may work later.
/// Statuses: OUT_OF_STEP (nothing happened), BUSY, FAILED.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_exchange_answer_failed(
    exchange: *mut fedigraft_exchange,
    step: u32,
    now: i64,
    reason: *const u8,
    reason_len: usize,
    retryable: i32,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let exchange = handle("exchange", exchange)?;
            let reason = text("reason", reason, reason_len)?;
            exchange.enter(|exchange| exchange.answer_failed(step, now, reason, retryable != 0))
        })
    }
}

/// Frees an exchange, finished or not. NULL is ignored. No other thread may be inside.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_exchange_free(exchange: *mut fedigraft_exchange) {
    unsafe { free(exchange) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange;
    use crate::instance::{Instance, LOADS};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn begun() -> fedigraft_exchange {
        let config = serde_json::json!({ "origin": "https://a.example", "loads": LOADS }).to_string();
        let instance = Instance::open(config.as_bytes()).unwrap();
        fedigraft_exchange::new(exchange::look_up(&instance, 0, "@b@b.example").unwrap())
    }

    #[test]
    fn who_comes_second_is_told_to_wait() {
        let exchange = begun();
        exchange
            .enter(|_| {
                let second = exchange.enter(|_| Ok(())).err().unwrap();
                assert_eq!((second.code(), second.is_retryable()), (Code::Busy, true));
                Ok(())
            })
            .unwrap();
        exchange.enter(|_| Ok(())).unwrap();
    }

    #[test]
    fn after_a_panic_inside_it_has_failed_for_good() {
        let exchange = begun();
        let broken = catch_unwind(AssertUnwindSafe(|| exchange.enter(|_| panic!("a bug"))));
        assert!(broken.is_err());
        for _ in 0..2 {
            assert_eq!(exchange.enter(|_| Ok(())).err().unwrap().code(), Code::Failed);
        }
    }
}
