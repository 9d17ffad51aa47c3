//! RSA by the `rsa` crate, for platforms without AWS-LC.
//!
//! Owns the calls into `rsa`. Signing always blinds with randomness from the operating system, because the
//! crate's arithmetic is not constant-time (RUSTSEC-2023-0071).

use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::rand_core::OsRng;
use rsa::sha2::{Digest, Sha256};
use rsa::signature::{RandomizedSigner, SignatureEncoding, Verifier as _};
use rsa::{RsaPrivateKey, RsaPublicKey};

use super::crypto_error;
use crate::error::Result;

/// A private key ready to sign.
pub(super) struct Signer(SigningKey<Sha256>);

/// A public key ready to verify.
pub(super) struct Verifier(VerifyingKey<Sha256>);

/// A new RSA-2048 key.
pub(super) fn generate() -> Result<RsaPrivateKey> {
    RsaPrivateKey::new(&mut OsRng, 2048).map_err(|_| crypto_error("key_generation"))
}

/// SHA-256 of `bytes`.
pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

// Nothing can fail here; the other backend's can.
#[allow(clippy::unnecessary_wraps)]
impl Signer {
    pub(super) fn new(key: &RsaPrivateKey) -> Result<Self> {
        Ok(Self(SigningKey::new(key.clone())))
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let signature =
            self.0.try_sign_with_rng(&mut OsRng, message).map_err(|_| crypto_error("signing_failed"))?;
        Ok(signature.to_vec())
    }
}

#[allow(clippy::unnecessary_wraps)]
impl Verifier {
    pub(super) fn new(key: &RsaPublicKey) -> Result<Self> {
        Ok(Self(VerifyingKey::new(key.clone())))
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::try_from(signature).is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }
}
