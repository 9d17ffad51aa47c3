//! fedigraft: federation (ActivityPub) for the server you already have.
//!
//! The library signs, verifies and translates, and knows what every message means and what must be
//! answered. It does no input or output, starts no thread, reads no clock: you pass bytes, documents and
//! the time in, and get requests, documents and events out.
//!
//! CONVENTIONS
//!
//! Status. Functions that can fail return a `fedigraft_status`, 0 is FEDIGRAFT_OK. Their last parameter,
//! `fedigraft_error **error`, may be NULL; a failure stores an error there: status, sentence, JSON detail,
//! and whether to try again. Set the pointer to NULL first and free an error with fedigraft_error_free()
//! before the next call: what stands there is overwritten. Success leaves it alone. Errors hold no user data and may be logged. Any function may return FEDIGRAFT_INVALID_ARGUMENT (NULL, not
//! UTF-8), FEDIGRAFT_TOO_LARGE (an input over FEDIGRAFT_MAX_INPUT bytes) and FEDIGRAFT_INTERNAL (a bug
//! here: a panic is caught and never reaches you); their comments name only the others.
//!
//! Bytes in. A pointer and a length, read during the call only, never NUL-terminated, NULL only with
//! length 0. Text and JSON are UTF-8. For literals there is FEDIGRAFT_STR("...").
//!
//! Bytes out. A `fedigraft_buf`, set to FEDIGRAFT_BUF_INIT by you, filled only on FEDIGRAFT_OK, freed
//! (and wiped) by fedigraft_buf_free(). A buffer that still holds bytes is refused, so a loop cannot
//! leak. Other out parameters too are written only on FEDIGRAFT_OK.
//!
//! Structure is JSON. What gets hashed (bodies, signatures) travels raw beside it. The head of a request
//! as received is {"method","target","headers":[[name,value],...],"client"}: `target` is the raw path and
//! query, each byte of a header value is one code point below 256 (latin-1), `client` is the peer's
//! address or null. The head of an answer is {"url","status","headers","address"}. Times are seconds
//! since 1970-01-01 UTC.
//!
//! Handles. `fedigraft_key`, `fedigraft_public_key` and `fedigraft_instance` never change: any thread
//! may use one at any time. A `fedigraft_exchange` serves one thread at a time; a second one gets
//! FEDIGRAFT_BUSY. All of them serve a child after fork(), as POSIX has it: when no other thread was inside
//! the library at that moment. Each handle has its own free function; all of them accept NULL. Using a
//! handle after freeing it is undefined, as everywhere in C.
//!
//! Secrets. Private keys never appear in JSON, errors or logs, and are wiped when freed.
//!
//! Versions. Check once that fedigraft_abi_version() is FEDIGRAFT_ABI_VERSION. Numbers and members of
//! JSON objects are only added, never reused: ignore members you do not know.
//!
//! EXAMPLE: sign one delivery (build with `cc sign.c $(pkg-config --cflags --libs fedigraft)`)
//!
//! ```c
//! fedigraft_key *key = NULL;
//! fedigraft_buf headers = FEDIGRAFT_BUF_INIT;
//! fedigraft_error *error = NULL;
//! if (fedigraft_key_from_pem(pem, pem_len, &key, &error) == FEDIGRAFT_OK
//!     && fedigraft_request_sign(key, FEDIGRAFT_STR("https://me.example/u/1#main-key"), time(NULL),
//!            FEDIGRAFT_STR("{\"method\":\"POST\",\"target\":\"/inbox\",\"headers\":[[\"Host\",\"you.example\"],"
//!                "[\"Content-Type\",\"application/activity+json\"]]}"),
//!            body, body_len, &headers, &error) == FEDIGRAFT_OK)
//!     send_it(headers.data, headers.len); // [["Date",...],["Digest",...],["Signature",...]]: headers to add
//! if (error) fprintf(stderr, "%s\n", fedigraft_error_message(error));
//! fedigraft_error_free(error); fedigraft_buf_free(&headers); fedigraft_key_free(key);
//! ```

#![allow(unsafe_code)] // The only place: pointers from C.
#![allow(non_camel_case_types)] // The names are those of the header.
#![allow(rustdoc::broken_intra_doc_links, rustdoc::bare_urls)] // The comments are the text of the header.
#![allow(clippy::missing_safety_doc)] // What the caller promises is the same everywhere: the conventions above.

mod begin;
mod bytes;
mod content;
mod discovery;
mod error;
mod exchange;
mod guard;
mod instance;
mod key;
mod post;
mod profile;
mod request;
mod status;
mod version;

pub use begin::*;
pub use bytes::*;
pub use content::*;
pub use discovery::*;
pub use error::*;
pub use exchange::*;
pub use instance::*;
pub use key::*;
pub use post::*;
pub use profile::*;
pub use request::*;
pub use status::*;
pub use version::*;

use crate::{Code, Error, Result};

/// JSON text of a value for the caller.
fn to_json(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|_| Error::new(Code::Internal, "not_json", "a result is not JSON"))
}

/// What a reader left out, as JSON.
fn skipped(parts: &[crate::vocab::Skipped]) -> Vec<serde_json::Value> {
    parts.iter().map(|part| serde_json::json!({ "at": part.at, "reason": part.reason })).collect()
}
