//! The raw RSA operation of the active backend, and medians of interleaved pairs: a busy machine slows both
//! sides alike. Nothing is asserted.
#![allow(dead_code)]

use std::time::Instant;

/// Pairs whose median counts.
pub const PAIRS: usize = 21;

/// The RSA operation alone, in the backend that is active.
#[cfg(feature = "aws-lc")]
mod backend {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::KeyPair;
    use aws_lc_rs::signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};

    pub struct Raw(KeyPair, ParsedPublicKey);

    impl Raw {
        pub fn new(pem: &str) -> Self {
            use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey};
            let key = rsa::RsaPrivateKey::from_pkcs8_pem(pem).unwrap();
            let pair = KeyPair::from_pkcs8(key.to_pkcs8_der().unwrap().as_bytes()).unwrap();
            let der = pair.public_key().as_der().unwrap();
            let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der.as_ref()).unwrap();
            Self(pair, public)
        }

        pub fn sign(&self, message: &[u8]) -> Vec<u8> {
            let mut signature = vec![0; 256];
            self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
            signature
        }

        pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
            self.1.verify_sig(message, signature).is_ok()
        }
    }
}

/// The RSA operation alone, in the backend that is active.
#[cfg(not(feature = "aws-lc"))]
mod backend {
    use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
    use rsa::pkcs8::DecodePrivateKey;
    use rsa::sha2::Sha256;
    use rsa::signature::{Keypair, RandomizedSigner, SignatureEncoding, Verifier};

    pub struct Raw(SigningKey<Sha256>, VerifyingKey<Sha256>);

    impl Raw {
        pub fn new(pem: &str) -> Self {
            let key = SigningKey::new(rsa::RsaPrivateKey::from_pkcs8_pem(pem).unwrap());
            let public = key.verifying_key();
            Self(key, public)
        }

        pub fn sign(&self, message: &[u8]) -> Vec<u8> {
            self.0.sign_with_rng(&mut rsa::rand_core::OsRng, message).to_vec()
        }

        pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
            self.1.verify(message, &Signature::try_from(signature).unwrap()).is_ok()
        }
    }
}

pub use backend::Raw;

/// Seconds for one run of `work`, measured over `runs`.
pub fn seconds(work: &dyn Fn(), runs: u32) -> f64 {
    let start = Instant::now();
    (0..runs).for_each(|_| work());
    start.elapsed().as_secs_f64() / f64::from(runs)
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Prints the medians of interleaved pairs and of their ratios, beside the budget.
pub fn compare(name: &str, budget: &str, work: &dyn Fn(), raw: &dyn Fn(), runs: u32) {
    seconds(work, runs);
    seconds(raw, runs);
    let pairs: Vec<(f64, f64)> = (0..PAIRS).map(|_| (seconds(work, runs), seconds(raw, runs))).collect();
    let ratio = median(pairs.iter().map(|(work, raw)| work / raw).collect());
    let micros = |values: Vec<f64>| median(values) * 1e6;
    let work = micros(pairs.iter().map(|pair| pair.0).collect());
    let raw = micros(pairs.iter().map(|pair| pair.1).collect());
    println!("{name:<22} {work:>8.1} µs   raw RSA-2048 {raw:>8.1} µs   ratio {ratio:.3} (budget {budget})");
}
