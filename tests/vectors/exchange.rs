//! A running exchange, through the C interface.

use fedigraft::ffi::*;
use serde_json::Value;

use crate::abi::{EMPTY, Failure, call, take};

/// A running exchange.
pub struct Exchange(*mut fedigraft_exchange);

/// What a step is answered with, as it crosses the interface.
pub enum Answer {
    Load(Vec<u8>),
    Fetch(Vec<u8>, Vec<u8>),
    Sign(Vec<u8>),
    Failed(Vec<u8>, bool),
}

impl Exchange {
    pub fn new(pointer: *mut fedigraft_exchange) -> Self {
        Self(pointer)
    }

    /// The step it is at, and the bytes beside it.
    pub fn step(&self) -> Result<(Value, Vec<u8>), Failure> {
        let (mut step, mut body) = (EMPTY, EMPTY);
        call(|e| unsafe { fedigraft_exchange_step(self.0, &raw mut step, &raw mut body, e) })?;
        Ok((serde_json::from_slice(&take(step)).unwrap(), take(body)))
    }

    /// Answers a step.
    pub fn answer(&self, number: u32, now: i64, answer: &Answer) -> Result<(), Failure> {
        call(|e| unsafe {
            match answer {
                Answer::Load(values) => {
                    fedigraft_exchange_answer_load(self.0, number, now, values.as_ptr(), values.len(), e)
                }
                Answer::Fetch(head, body) => fedigraft_exchange_answer_fetch(
                    self.0,
                    number,
                    now,
                    head.as_ptr(),
                    head.len(),
                    body.as_ptr(),
                    body.len(),
                    e,
                ),
                Answer::Sign(signature) => fedigraft_exchange_answer_sign(
                    self.0,
                    number,
                    now,
                    signature.as_ptr(),
                    signature.len(),
                    e,
                ),
                Answer::Failed(reason, retryable) => fedigraft_exchange_answer_failed(
                    self.0,
                    number,
                    now,
                    reason.as_ptr(),
                    reason.len(),
                    i32::from(*retryable),
                    e,
                ),
            }
        })
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        unsafe { fedigraft_exchange_free(self.0) };
    }
}
