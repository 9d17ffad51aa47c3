//! Bytes in, bytes out: borrowed input slices and the owned buffer.
//!
//! Owns the rules for pointers: input is pointer and length, NULL only with 0; output is a `fedigraft_buf`
//! the caller zeroes first; `out` is written only when the call succeeds.

use std::ptr;

use serde_json::Value;
use zeroize::Zeroize;

use super::guard::freeing;
use crate::error::invalid;
use crate::{Code, Error, Result};

/// The most bytes any input may have.
pub const FEDIGRAFT_MAX_INPUT: usize = 16_777_216;

/// Bytes owned by this library. Set it to FEDIGRAFT_BUF_INIT before passing it, free it with
/// fedigraft_buf_free(). Not NUL-terminated. `data` is NULL when `len` is 0.
#[derive(Debug)]
#[repr(C)]
pub struct fedigraft_buf {
    /// The first byte.
    pub data: *mut u8,
    /// How many bytes.
    pub len: usize,
}

// The layout every binding relies on: two words, no padding.
const _: () = {
    assert!(size_of::<fedigraft_buf>() == 2 * size_of::<usize>());
    assert!(std::mem::offset_of!(fedigraft_buf, data) == 0);
    assert!(std::mem::offset_of!(fedigraft_buf, len) == size_of::<usize>());
};

/// The caller's bytes for the time of the call.
///
/// # Safety
/// `data` is NULL or points to `len` readable bytes that nobody writes during the call.
pub(super) unsafe fn bytes<'a>(name: &'static str, data: *const u8, len: usize) -> Result<&'a [u8]> {
    if len > FEDIGRAFT_MAX_INPUT {
        return Err(Error::new(Code::TooLarge, "too_large", "an input may have at most 16 MiB").at(name));
    }
    if data.is_null() {
        return if len == 0 { Ok(&[]) } else { Err(null(name)) };
    }
    // SAFETY: not NULL, readable for `len` bytes by the contract above, `len` far below isize::MAX.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// The caller's text for the time of the call; it must be UTF-8.
///
/// # Safety
/// As for [`bytes`].
pub(super) unsafe fn text<'a>(name: &'static str, data: *const u8, len: usize) -> Result<&'a str> {
    // SAFETY: the caller keeps the contract of `bytes`.
    let bytes = unsafe { bytes(name, data, len) }?;
    std::str::from_utf8(bytes).map_err(|_| invalid("not_utf8", "the argument must be UTF-8").at(name))
}

/// The caller's JSON, read by `read`. What is wrong is said with the argument's name before the JSON pointer.
///
/// # Safety
/// As for [`bytes`].
pub(super) unsafe fn document<T>(
    name: &'static str,
    data: *const u8,
    len: usize,
    read: impl FnOnce(Value) -> Result<T>,
) -> Result<T> {
    // SAFETY: the caller keeps the contract of `bytes`.
    let bytes = unsafe { bytes(name, data, len) }?;
    crate::json::read(bytes).and_then(|document| read(document.value)).map_err(|error| {
        let place = format!("{name}{}", error.place());
        error.at(place)
    })
}

/// The object behind a handle.
///
/// # Safety
/// `handle` is NULL or a handle of this library that is not freed before the call returns.
pub(super) unsafe fn handle<'a, T>(name: &'static str, handle: *const T) -> Result<&'a T> {
    // SAFETY: NULL or live by the contract above.
    unsafe { handle.as_ref() }.ok_or_else(|| null(name))
}

#[cold]
fn null(name: &'static str) -> Error {
    invalid("null", "the argument must not be NULL").at(name)
}

/// A checked place for a result, so that nothing is computed for a caller who cannot receive it.
pub(super) struct Out<T>(*mut T);

impl Out<fedigraft_buf> {
    /// A buffer to fill. It must be empty: one that still holds bytes would leak them.
    ///
    /// # Safety
    /// `out` is NULL or points to an initialised buffer only this call uses.
    pub(super) unsafe fn buf(name: &'static str, out: *mut fedigraft_buf) -> Result<Self> {
        // SAFETY: NULL or initialised by the contract above.
        match unsafe { out.as_ref() } {
            None => Err(null(name)),
            Some(buf) if !buf.data.is_null() => {
                Err(invalid("not_empty", "zero the buffer first, or free what it holds").at(name))
            }
            Some(_) => Ok(Self(out)),
        }
    }

    /// Hands the bytes to the caller.
    pub(super) fn put(self, bytes: Vec<u8>) {
        self.put_boxed(bytes.into_boxed_slice());
    }

    /// Hands a copy to the caller in one exact allocation, for secrets whose original is wiped.
    pub(super) fn put_copy(self, bytes: &[u8]) {
        self.put_boxed(bytes.into());
    }

    fn put_boxed(self, bytes: Box<[u8]>) {
        let len = bytes.len();
        let data = if len == 0 { ptr::null_mut() } else { Box::into_raw(bytes).cast::<u8>() };
        // SAFETY: checked in `buf`, and still the caller's promise.
        unsafe { self.0.write(fedigraft_buf { data, len }) };
    }
}

impl<T> Out<*mut T> {
    /// A place for a new handle.
    ///
    /// # Safety
    /// `out` is NULL or points to a writable pointer only this call uses.
    pub(super) unsafe fn handle(name: &'static str, out: *mut *mut T) -> Result<Self> {
        if out.is_null() { Err(null(name)) } else { Ok(Self(out)) }
    }

    /// Hands a new handle to the caller.
    pub(super) fn put(self, object: T) {
        // SAFETY: checked in `handle`, and still the caller's promise.
        unsafe { self.0.write(Box::into_raw(Box::new(object))) };
    }
}

/// Frees a handle made by [`Out::put`]; NULL is ignored.
///
/// # Safety
/// `handle` is NULL or a handle of this library that is not freed yet and no longer in use.
pub(super) unsafe fn free<T>(handle: *mut T) {
    if !handle.is_null() {
        // SAFETY: made by Box::into_raw in `Out::put`; the caller frees it once.
        let owned = unsafe { Box::from_raw(handle) };
        freeing(|| drop(owned));
    }
}

/// Wipes and frees the bytes and resets the buffer to zero, so that freeing it twice is harmless.
/// NULL and an empty buffer are ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_buf_free(buf: *mut fedigraft_buf) {
    // SAFETY: NULL or an initialised buffer only this call uses.
    let Some(buf) = (unsafe { buf.as_mut() }) else { return };
    let (data, len) = (buf.data, buf.len);
    *buf = fedigraft_buf { data: ptr::null_mut(), len: 0 };
    if !data.is_null() {
        // SAFETY: `data` and `len` come from Box::into_raw of a boxed slice in `Out::put_boxed`.
        let mut owned = unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(data, len)) };
        owned.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_only_with_zero() {
        // SAFETY: NULL is part of the contract; the slices are live.
        unsafe {
            assert_eq!(bytes("a", ptr::null(), 0).unwrap(), b"");
            assert_eq!(bytes("a", ptr::null(), 1).err().unwrap().place(), "a");
            assert_eq!(bytes("a", b"xy".as_ptr(), 2).unwrap(), b"xy");
            assert_eq!(text("a", b"\xff".as_ptr(), 1).err().unwrap().reason(), "not_utf8");
            assert_eq!(bytes("a", b"".as_ptr(), usize::MAX).err().unwrap().code(), Code::TooLarge);
        }
    }

    #[test]
    fn a_buffer_is_filled_once_and_freed_twice() {
        let mut buf = fedigraft_buf { data: ptr::null_mut(), len: 0 };
        // SAFETY: `buf` is initialised and used by nobody else.
        unsafe {
            Out::buf("out", &raw mut buf).unwrap().put(b"abc".to_vec());
            assert_eq!(std::slice::from_raw_parts(buf.data, buf.len), b"abc");
            assert_eq!(Out::buf("out", &raw mut buf).err().unwrap().reason(), "not_empty");
            fedigraft_buf_free(&raw mut buf);
            assert!(buf.data.is_null() && buf.len == 0);
            fedigraft_buf_free(&raw mut buf);
            Out::buf("out", &raw mut buf).unwrap().put(Vec::new());
            assert!(buf.data.is_null());
        }
    }
}
