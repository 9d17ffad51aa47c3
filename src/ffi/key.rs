//! Keys: making, reading, writing and signing, behind handles that are wiped when freed.

use super::bytes::{Out, bytes, fedigraft_buf, free, handle, text};
use super::error::fedigraft_error;
use super::guard::guard;
use super::status::fedigraft_status;
use crate::key::{PrivateKey, PublicKey};

/// A private RSA key. Immutable: any thread may use it. Free with fedigraft_key_free(), which wipes it.
pub struct fedigraft_key(pub(super) PrivateKey);

/// A public RSA key, parsed and ready to verify. Immutable: any thread may use it.
/// Free with fedigraft_public_key_free().
pub struct fedigraft_public_key(pub(super) PublicKey);

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<fedigraft_key>();
    any_thread::<fedigraft_public_key>();
};

/// Makes a new RSA-2048 key with randomness from the operating system. Takes tens of milliseconds or more.
/// On OK: `*out` is yours, free it with fedigraft_key_free().
/// Statuses: CRYPTO.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_key_generate(
    out: *mut *mut fedigraft_key,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    // SAFETY: the caller keeps the conventions at the top of the header; so in every function below.
    unsafe {
        guard(error, || {
            let out = Out::handle("out", out)?;
            out.put(fedigraft_key(PrivateKey::generate()?));
            Ok(())
        })
    }
}

/// Reads a private key of 2048 to 8192 bits from PEM, PKCS#8 or PKCS#1. Line breaks may have become spaces
/// or a literal \n.
/// On OK: `*out` is yours, free it with fedigraft_key_free().
/// Statuses: MALFORMED; UNSUPPORTED (encrypted, not RSA, wrong size); CRYPTO.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_key_from_pem(
    pem: *const u8,
    pem_len: usize,
    out: *mut *mut fedigraft_key,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::handle("out", out)?;
            let pem = text("pem", pem, pem_len)?;
            out.put(fedigraft_key(PrivateKey::from_pem(pem)?));
            Ok(())
        })
    }
}

/// Writes the private key as PKCS#8 PEM. Keep it out of logs.
/// On OK: `out` holds the text; fedigraft_buf_free() wipes it.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_key_to_pem(
    key: *const fedigraft_key,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let key = handle("key", key)?;
            out.put_copy(key.0.to_pem().as_bytes());
            Ok(())
        })
    }
}

/// Writes the public half as SPKI PEM, as it stands in an actor's `publicKeyPem`.
/// On OK: `out` holds the text; free it with fedigraft_buf_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_key_public_pem(
    key: *const fedigraft_key,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let key = handle("key", key)?;
            out.put(key.0.public().to_pem().into_bytes());
            Ok(())
        })
    }
}

/// Signs any bytes with RSASSA-PKCS1-v1_5 and SHA-256; answers the `sign` step of an exchange.
/// On OK: `out` holds the raw signature (256 bytes for RSA-2048); free it with fedigraft_buf_free().
/// Statuses: CRYPTO.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_key_sign(
    key: *const fedigraft_key,
    message: *const u8,
    message_len: usize,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let key = handle("key", key)?;
            let message = bytes("message", message, message_len)?;
            out.put(key.0.sign(message)?);
            Ok(())
        })
    }
}

/// Wipes and frees a key. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_key_free(key: *mut fedigraft_key) {
    unsafe { free(key) }
}

/// Reads a public key of 2048 to 8192 bits from PEM, SPKI or PKCS#1. Line breaks may have become spaces or a
/// literal \n: actors with such keys exist.
/// On OK: `*out` is yours, free it with fedigraft_public_key_free().
/// Statuses: MALFORMED; UNSUPPORTED (not RSA, wrong size); CRYPTO.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_public_key_from_pem(
    pem: *const u8,
    pem_len: usize,
    out: *mut *mut fedigraft_public_key,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::handle("out", out)?;
            let pem = text("pem", pem, pem_len)?;
            out.put(fedigraft_public_key(PublicKey::from_pem(pem)?));
            Ok(())
        })
    }
}

/// Writes a public key as SPKI PEM.
/// On OK: `out` holds the text; free it with fedigraft_buf_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_public_key_to_pem(
    key: *const fedigraft_public_key,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let key = handle("key", key)?;
            out.put(key.0.to_pem().into_bytes());
            Ok(())
        })
    }
}

/// Frees a public key. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_public_key_free(key: *mut fedigraft_public_key) {
    unsafe { free(key) }
}
