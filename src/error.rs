//! The one error of the library: what happened, where, what was expected and whether to try again.
//!
//! Owns the codes that cross the C ABI. Codes say what the *caller* does next; the finer cause is the
//! `reason`, a stable word. A refused signature is not an error but a [`Verdict`](crate::verdict::Verdict).

use std::fmt;

/// What kind of failure this is, by what the caller can do about it. Numbers are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum Code {
    /// An argument is missing, has the wrong type or contradicts another: a fault in the calling code.
    InvalidArgument = 1,
    /// Foreign bytes are not what they claim to be: not UTF-8, not JSON, not PEM, a wrong shape.
    Malformed = 2,
    /// Well formed, but of a kind this library does not handle.
    Unsupported = 3,
    /// Over a documented bound (size, depth, number).
    TooLarge = 4,
    /// A rule forbids it: a private post, a blocked host, a private address.
    Refused = 5,
    /// An answer to a step the exchange is not at.
    OutOfStep = 6,
    /// Another thread is inside this exchange.
    Busy = 7,
    /// The exchange ended early: a panic inside, or the host answered that it failed.
    Failed = 8,
    /// A stored document of a newer major version: keep it and try again after the upgrade.
    TooNew = 9,
    /// The cryptographic backend refused the key or the operation.
    Crypto = 10,
    /// A bug in this library.
    Internal = 99,
}

/// Why a call failed.
///
/// The text never holds user data: no names, no addresses of people, no document content.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    code: Code,
    reason: &'static str,
    message: String,
    at: String,
    retryable: bool,
}

/// The result of everything fallible here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A new error. `reason` is a stable word in snake case; `message` says what was expected and what to do.
    #[cold]
    pub fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), at: String::new(), retryable: false }
    }

    /// Says where: a JSON pointer (RFC 6901), a header name or an argument's name.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.at = place.into();
        self
    }

    /// Marks the failure as one that may pass by itself.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// The kind of failure.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The stable word for the cause, such as `duplicate_key`.
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// The sentence for the reader.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where it happened; empty when there is no place.
    pub fn place(&self) -> &str {
        &self.at
    }

    /// True when the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.retryable
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at.is_empty() {
            write!(f, "{} ({})", self.message, self.reason)
        } else {
            write!(f, "{} ({} at {})", self.message, self.reason, self.at)
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}: {self})", self.code)
    }
}

impl std::error::Error for Error {}

/// An argument of the caller is wrong.
#[cold]
pub(crate) fn invalid(reason: &'static str, message: impl Into<String>) -> Error {
    Error::new(Code::InvalidArgument, reason, message)
}

/// Foreign input is not what it claims to be.
#[cold]
pub(crate) fn malformed(reason: &'static str, message: impl Into<String>) -> Error {
    Error::new(Code::Malformed, reason, message)
}
