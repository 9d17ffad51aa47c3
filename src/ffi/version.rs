//! Which library this is: its version, the version of its C interface and what it can do.

use std::ffi::{CStr, c_char};

use serde_json::json;

use super::bytes::{Out, fedigraft_buf};
use super::error::fedigraft_error;
use super::guard::guard;
use super::status::fedigraft_status;
use crate::Result;

const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => c"",
};

/// The number in the SONAME; build.rs sets it and writes it to the header.
const ABI_VERSION: u32 = match u32::from_str_radix(env!("FEDIGRAFT_ABI_VERSION"), 10) {
    Ok(version) => version,
    Err(_) => u32::MAX,
};

/// The version of the library that is loaded, such as "0.1.0". Compare with FEDIGRAFT_VERSION.
/// Never freed.
#[unsafe(no_mangle)]
pub extern "C" fn fedigraft_version() -> *const c_char {
    VERSION.as_ptr()
}

/// The version of the C interface that is loaded. Refuse to go on when it is not FEDIGRAFT_ABI_VERSION:
/// the functions may then have other parameters. It grows only when something breaks.
#[unsafe(no_mangle)]
pub extern "C" fn fedigraft_abi_version() -> u32 {
    ABI_VERSION
}

/// What this build can do, as JSON: {"version","abi_version","crypto","signature_schemes":[...],
/// "keys":[...],"content_formats":[...]}. Ask this instead of comparing versions.
/// On OK: `out` holds the JSON; free it with fedigraft_buf_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_features(
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            out.put(features()?);
            Ok(())
        })
    }
}

fn features() -> Result<Vec<u8>> {
    let features = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "abi_version": ABI_VERSION,
        "crypto": if cfg!(feature = "aws-lc") { "aws-lc" } else { "rsa" },
        "signature_schemes": ["cavage"],
        "keys": ["rsa"],
        "content_formats": ["plain", "markdown", "html"],
    });
    super::to_json(&features)
}
