//! Public keys parsed before, by their PEM text: parsing costs a third of a verification, and a busy inbox
//! sees the same keys again and again. Speed, not state: the same text always gives the same key. The lock is only
//! ever tried: a process that forked while a thread held it parses anew instead of hanging.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use super::PublicKey;
use crate::error::Result;

/// Most keys kept; about 2 KB each.
const MOST: usize = 1024;

/// Longest text kept.
const LONGEST: usize = 4096;

static KEYS: OnceLock<Mutex<HashMap<Box<str>, PublicKey>>> = OnceLock::new();

/// [`PublicKey::from_pem`], remembered.
pub(crate) fn public_key(pem: &str) -> Result<PublicKey> {
    let keys = KEYS.get_or_init(Mutex::default);
    let known = keys.try_lock().ok().and_then(|keys| keys.get(pem).cloned());
    if let Some(key) = known {
        return Ok(key);
    }
    let key = PublicKey::from_pem(pem)?;
    if pem.len() <= LONGEST
        && let Ok(mut keys) = keys.try_lock()
    {
        if keys.len() >= MOST {
            keys.clear();
        }
        keys.insert(pem.into(), key.clone());
    }
    Ok(key)
}
