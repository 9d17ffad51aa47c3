//! Public keys parsed before, by their PEM text: parsing costs a third of a verification, and a busy inbox
//! sees the same keys again and again. Speed, not state: the same text always gives the same key.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

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
    if let Some(key) = keys.lock().unwrap_or_else(PoisonError::into_inner).get(pem) {
        return Ok(key.clone());
    }
    let key = PublicKey::from_pem(pem)?;
    if pem.len() <= LONGEST {
        let mut keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= MOST {
            keys.clear();
        }
        keys.insert(pem.into(), key.clone());
    }
    Ok(key)
}
