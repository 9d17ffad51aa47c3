//! RSA keys: making, reading, writing, signing, verifying.
//!
//! Owns the two key types and the bounds on key sizes. The one algorithm is RSASSA-PKCS1-v1_5 with SHA-256
//! (RFC 8017 section 8.2), which every server of the fediverse understands. The operations run in AWS-LC or,
//! without the cargo feature `aws-lc`, in the `rsa` crate, always blinded; which one is decided here and
//! nowhere else. Keys are read and written by the `rsa` crate in both cases.

#[cfg(feature = "aws-lc")]
mod aws;
mod memo;
mod pem;

pub(crate) use memo::public_key;
#[cfg(any(test, not(feature = "aws-lc")))]
mod portable;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex};

use rsa::pkcs1::{self, DecodeRsaPrivateKey};
use rsa::pkcs8::der::Decode;
use rsa::pkcs8::{
    DecodePrivateKey, EncodePrivateKey, EncodePublicKey, LineEnding, PrivateKeyInfo, SubjectPublicKeyInfoRef,
};
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, RsaPrivateKey, RsaPublicKey};
use zeroize::Zeroizing;

#[cfg(feature = "aws-lc")]
use self::aws as backend;
use self::pem::Label;
#[cfg(not(feature = "aws-lc"))]
use self::portable as backend;
use crate::error::{Code, Error, Result, malformed};

/// Smallest modulus accepted, in bits (NIST SP 800-131A; Mastodon and everyone since make 2048).
const MIN_BITS: usize = 2048;
/// Smallest modulus [`PublicKey::from_legacy_pem`] accepts, in bits.
const MIN_LEGACY_BITS: usize = 1024;
/// Largest modulus accepted, in bits: bounds the work of one verification.
const MAX_BITS: usize = 8192;

/// A private RSA key. Cheap to clone; wiped when the last clone is dropped; never printed.
#[derive(Clone)]
pub struct PrivateKey(Arc<Private>);

struct Private {
    signer: backend::Signer,
    pem: Zeroizing<String>,
    public: PublicKey,
    /// The process the key was read in, and the signer of one that was forked from it.
    process: u32,
    forked: Mutex<Option<(u32, Arc<backend::Signer>)>>,
}

/// A public RSA key, parsed and ready to verify. Cheap to clone.
#[derive(Clone)]
pub struct PublicKey(Arc<Public>);

struct Public {
    verifier: backend::Verifier,
    pem: String,
    bits: usize,
}

impl PrivateKey {
    /// Makes a new RSA-2048 key with randomness from the operating system.
    ///
    /// 2048 bits and not more: WordPress picks the hash by the key's size when a signature names none.
    ///
    /// Errors: [`Code::Crypto`] when the backend fails.
    pub fn generate() -> Result<Self> {
        Self::new(&backend::generate()?)
    }

    /// Reads a private key of 2048 to 8192 bits from PEM: PKCS#8 (`PRIVATE KEY`) or PKCS#1
    /// (`RSA PRIVATE KEY`). Line breaks may have become spaces or a literal `\n`.
    ///
    /// Errors: [`Code::Malformed`] (`not_pem`, `bad_pem`, `bad_key`, `several_keys`, `public_key`),
    /// [`Code::Unsupported`] (`encrypted_key`, `unknown_pem_label`, `not_rsa`, `key_size`), [`Code::TooLarge`].
    pub fn from_pem(text: &str) -> Result<Self> {
        let (label, der) = pem::read(text)?;
        let key = match label {
            Label::Pkcs8 => {
                let info = PrivateKeyInfo::try_from(&**der).map_err(|_| bad_key())?;
                if info.algorithm.oid != pkcs1::ALGORITHM_OID {
                    return Err(not_rsa());
                }
                RsaPrivateKey::from_pkcs8_der(&der).map_err(|_| bad_key())?
            }
            Label::Pkcs1 => RsaPrivateKey::from_pkcs1_der(&der).map_err(|_| bad_key())?,
            Label::Spki | Label::Pkcs1Public => {
                return Err(malformed("public_key", "expected a private key, found a public one"));
            }
        };
        Self::new(&key)
    }

    fn new(key: &RsaPrivateKey) -> Result<Self> {
        let public = PublicKey::new(&key.to_public_key(), MIN_BITS)?;
        let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|_| crypto_error("key_rejected"))?;
        let signer = backend::Signer::new(key)?;
        let (process, forked) = (std::process::id(), Mutex::default());
        Ok(Self(Arc::new(Private { signer, pem, public, process, forked })))
    }

    /// The key as PKCS#8 PEM. The text is wiped when it is dropped; keep copies out of logs.
    pub fn to_pem(&self) -> Zeroizing<String> {
        self.0.pem.clone()
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.0.public
    }

    /// Signs `message` with RSASSA-PKCS1-v1_5 and SHA-256. The signature has as many bytes as the modulus.
    ///
    /// Errors: [`Code::Crypto`] when the backend fails.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let here = std::process::id();
        if here == self.0.process { self.0.signer.sign(message) } else { self.forked(here)?.sign(message) }
    }

    /// A signer of this process's own. When another thread was signing at the fork, AWS-LC ends the child that
    /// uses the parent's (`blindings_inuse` in `rsa_blinding_get`). The lock is only ever tried: that thread may
    /// have held it.
    fn forked(&self, here: u32) -> Result<Arc<backend::Signer>> {
        let known = self.0.forked.try_lock().ok().and_then(|kept| kept.clone());
        if let Some((process, signer)) = known
            && process == here
        {
            return Ok(signer);
        }
        let key = RsaPrivateKey::from_pkcs8_pem(&self.0.pem).map_err(|_| crypto_error("key_rejected"))?;
        let signer = Arc::new(backend::Signer::new(&key)?);
        if let Ok(mut kept) = self.0.forked.try_lock() {
            *kept = Some((here, Arc::clone(&signer)));
        }
        Ok(signer)
    }
}

impl PublicKey {
    /// Reads a public key of 2048 to 8192 bits from PEM: SPKI (`PUBLIC KEY`) or PKCS#1 (`RSA PUBLIC KEY`).
    /// Line breaks may have become spaces or a literal `\n`: actors with such keys exist.
    ///
    /// Errors: [`Code::Malformed`] (`not_pem`, `bad_pem`, `bad_key`, `several_keys`, `private_key`),
    /// [`Code::Unsupported`] (`unknown_pem_label`, `not_rsa`, `key_size`), [`Code::TooLarge`].
    pub fn from_pem(text: &str) -> Result<Self> {
        Self::read(text, MIN_BITS)
    }

    /// Like [`from_pem`](Self::from_pem), but from 1024 bits on. For the examples of old standards and for
    /// archives; a 1024-bit key proves nothing about who signs today.
    pub fn from_legacy_pem(text: &str) -> Result<Self> {
        Self::read(text, MIN_LEGACY_BITS)
    }

    fn read(text: &str, min_bits: usize) -> Result<Self> {
        let (label, der) = pem::read(text)?;
        let key = match label {
            Label::Spki => {
                let info = SubjectPublicKeyInfoRef::from_der(&der).map_err(|_| bad_key())?;
                if info.algorithm.oid != pkcs1::ALGORITHM_OID {
                    return Err(not_rsa());
                }
                let bits = info.subject_public_key.as_bytes().ok_or_else(bad_key)?;
                pkcs1::RsaPublicKey::from_der(bits)
            }
            Label::Pkcs1Public => pkcs1::RsaPublicKey::from_der(&der),
            Label::Pkcs8 | Label::Pkcs1 => {
                return Err(malformed("private_key", "expected a public key, found a private one"));
            }
        }
        .map_err(|_| bad_key())?;
        let modulus = BigUint::from_bytes_be(key.modulus.as_bytes());
        let exponent = BigUint::from_bytes_be(key.public_exponent.as_bytes());
        check_size(modulus.bits(), min_bits)?;
        // Checks the exponent too: odd, at least 3, below 2^33.
        let key = RsaPublicKey::new_with_max_size(modulus, exponent, MAX_BITS).map_err(|_| bad_key())?;
        Self::new(&key, min_bits)
    }

    fn new(key: &RsaPublicKey, min_bits: usize) -> Result<Self> {
        let bits = key.n().bits();
        check_size(bits, min_bits)?;
        let pem = key.to_public_key_pem(LineEnding::LF).map_err(|_| bad_key())?;
        Ok(Self(Arc::new(Public { verifier: backend::Verifier::new(key)?, pem, bits })))
    }

    /// The key as SPKI PEM, as it stands in an actor's `publicKeyPem`.
    pub fn to_pem(&self) -> String {
        self.0.pem.clone()
    }

    /// True when `signature` is this key's over `message` (RSASSA-PKCS1-v1_5, SHA-256).
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verifier.verify(message, signature)
    }

    /// The size of the modulus in bits.
    pub fn bits(&self) -> usize {
        self.0.bits
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.pem == other.0.pem
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey(RSA {} bits, redacted)", self.public().bits())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey(RSA {} bits)", self.bits())
    }
}

/// SHA-256 (FIPS 180-4) of `bytes`, by the active backend.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    backend::sha256(bytes)
}

fn check_size(bits: usize, min_bits: usize) -> Result<()> {
    if (min_bits..=MAX_BITS).contains(&bits) {
        return Ok(());
    }
    let message = format!("expected an RSA key of {min_bits} to {MAX_BITS} bits, found {bits}");
    Err(Error::new(Code::Unsupported, "key_size", message))
}

fn not_rsa() -> Error {
    Error::new(Code::Unsupported, "not_rsa", "expected an RSA key (RFC 8017), found another kind")
}

fn bad_key() -> Error {
    malformed("bad_key", "the PEM block holds no valid RSA key")
}

fn crypto_error(reason: &'static str) -> Error {
    Error::new(Code::Crypto, reason, "the cryptographic backend refused the key or the operation")
}
