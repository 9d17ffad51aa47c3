//! RSA by AWS-LC.
//!
//! Owns the calls into `aws-lc-rs`; its keys are wiped by AWS-LC when they are freed, and its private
//! operations are blinded.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_SHA256,
};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::traits::PublicKeyParts;
use rsa::{RsaPrivateKey, RsaPublicKey};

use super::crypto_error;
use crate::error::Result;

/// A private key ready to sign.
pub(super) struct Signer(KeyPair);

/// A public key ready to verify.
pub(super) struct Verifier(ParsedPublicKey);

/// A new RSA-2048 key.
pub(super) fn generate() -> Result<RsaPrivateKey> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| crypto_error("key_generation"))?;
    let der = pair.as_der().map_err(|_| crypto_error("key_generation"))?;
    RsaPrivateKey::from_pkcs8_der(der.as_ref()).map_err(|_| crypto_error("key_generation"))
}

/// SHA-256 of `bytes`.
pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref());
    out
}

impl Signer {
    pub(super) fn new(key: &RsaPrivateKey) -> Result<Self> {
        let der = key.to_pkcs8_der().map_err(|_| crypto_error("key_rejected"))?;
        KeyPair::from_pkcs8(der.as_bytes()).map(Self).map_err(|_| crypto_error("key_rejected"))
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| crypto_error("signing_failed"))?;
        Ok(signature)
    }
}

impl Verifier {
    pub(super) fn new(key: &RsaPublicKey) -> Result<Self> {
        // The bounds on sizes are checked by the caller; only documented legacy keys are below 2048.
        let rules = if key.n().bits() < 2048 {
            &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY
        } else {
            &RSA_PKCS1_2048_8192_SHA256
        };
        PublicKeyComponents { n: key.n().to_bytes_be(), e: key.e().to_bytes_be() }
            .to_parsed_public_key(rules)
            .map(Self)
            .map_err(|_| crypto_error("key_rejected"))
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }
}
