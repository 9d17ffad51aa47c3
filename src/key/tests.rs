//! Keys: forms, bounds, and both backends against each other.

use rsa::pkcs1::{EncodeRsaPrivateKey, EncodeRsaPublicKey};

use super::*;

fn private(bits: usize) -> RsaPrivateKey {
    RsaPrivateKey::new(&mut rsa::rand_core::OsRng, bits).unwrap()
}

/// The PEM of a public key with a modulus of so many bits; no one has the private half.
fn public_of(bits: usize, exponent: u32) -> String {
    let modulus = (BigUint::from(1_u8) << (bits - 1)) + BigUint::from(1_u8);
    let key = RsaPublicKey::new_unchecked(modulus, BigUint::from(exponent));
    key.to_public_key_pem(LineEnding::LF).unwrap()
}

fn reason<T>(result: Result<T>) -> &'static str {
    result.err().map_or("read", |error| error.reason())
}

#[test]
fn keys_are_shared_between_threads_and_wiped() {
    fn shared<T: Send + Sync + Clone>() {}
    fn wiped<T: zeroize::ZeroizeOnDrop>() {}
    shared::<PrivateKey>();
    shared::<PublicKey>();
    wiped::<RsaPrivateKey>();
    wiped::<Zeroizing<String>>();
}

#[test]
fn a_new_key_has_2048_bits_and_is_written_as_pkcs8_and_spki() {
    let key = PrivateKey::generate().unwrap();
    assert_eq!(key.public().bits(), 2048);
    assert!(key.to_pem().starts_with("-----BEGIN PRIVATE KEY-----\n"));
    assert!(key.public().to_pem().starts_with("-----BEGIN PUBLIC KEY-----\n"));
    let again = PrivateKey::from_pem(&key.to_pem()).unwrap();
    assert_eq!(again.public(), key.public());
    assert_eq!(again.to_pem(), key.to_pem());
    assert_eq!(PublicKey::from_pem(&key.public().to_pem()).unwrap(), *key.public());
    assert_ne!(PrivateKey::generate().unwrap().public(), key.public());
}

#[test]
fn every_form_is_read() {
    let raw = private(2048);
    let key = PrivateKey::new(&raw).unwrap();
    for pem in [raw.to_pkcs8_pem(LineEnding::CRLF).unwrap(), raw.to_pkcs1_pem(LineEnding::LF).unwrap()] {
        let read = PrivateKey::from_pem(&pem).unwrap();
        assert_eq!((read.public(), read.to_pem()), (key.public(), key.to_pem()));
    }
    let pkcs1 = raw.to_public_key().to_pkcs1_pem(LineEnding::LF).unwrap();
    assert!(pkcs1.starts_with("-----BEGIN RSA PUBLIC KEY-----"));
    assert_eq!(PublicKey::from_pem(&pkcs1).unwrap(), *key.public());
}

#[test]
fn line_breaks_may_have_become_anything() {
    let key = PrivateKey::generate().unwrap();
    for (pem, read) in [
        (key.to_pem().to_string(), (|text| reason(PrivateKey::from_pem(text))) as fn(&str) -> &'static str),
        (key.public().to_pem(), |text| reason(PublicKey::from_pem(text))),
    ] {
        for instead in [" ", "\\n", "\\r\\n", "\r\n", "\n\n", "\n  ", "\t", ""] {
            assert_eq!(read(&pem.replace('\n', instead)), "read", "{instead:?}");
        }
        assert_eq!(read(&format!("  a comment\n{pem}\n ")), "read");
        let one_line = pem.replacen('\n', "|", 1).replace('\n', "").replacen('|', "\n", 1);
        assert_eq!(read(&one_line), "read");
    }
}

#[test]
fn what_is_no_rsa_key_is_named() {
    let key = PrivateKey::generate().unwrap();
    let (private, public) = (key.to_pem(), key.public().to_pem());
    assert_eq!(reason(PrivateKey::from_pem(&public)), "public_key");
    assert_eq!(reason(PublicKey::from_pem(&private)), "private_key");
    assert_eq!(reason(PublicKey::from_pem(&format!("{public}{public}"))), "several_keys");
    assert_eq!(
        reason(PrivateKey::from_pem(&private.replace("PRIVATE", "ENCRYPTED PRIVATE"))),
        "encrypted_key"
    );
    assert_eq!(
        reason(PublicKey::from_pem(&public.replace("PUBLIC KEY", "CERTIFICATE"))),
        "unknown_pem_label"
    );
    assert_eq!(reason(PublicKey::from_pem(&public.replace("END PUBLIC", "END OTHER"))), "not_pem");
    assert_eq!(reason(PublicKey::from_pem(&public.replacen("MII", "M*I", 1))), "not_pem");
    assert_eq!(reason(PublicKey::from_pem(&public.replacen("MII", "MI=", 1))), "bad_pem");
    assert_eq!(reason(PublicKey::from_pem(&public.replacen("MII", "MIH", 1))), "bad_key");
    assert_eq!(reason(PrivateKey::from_pem(&private.replacen("MII", "MIH", 1))), "bad_key");
    assert_eq!(reason(PublicKey::from_pem(&format!("{public}{}", " ".repeat(16 * 1024)))), "pem_too_large");
    for text in ["", "-----BEGIN ", "-----BEGIN PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----AAAA-----END "] {
        assert_eq!(reason(PublicKey::from_pem(text)), "not_pem", "{text}");
    }
    // RFC 8410 section 10.1
    let ed25519 = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----";
    assert_eq!(reason(PublicKey::from_pem(ed25519)), "not_rsa");
    // Section 10.3.
    let ed25519 = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----";
    assert_eq!(reason(PrivateKey::from_pem(ed25519)), "not_rsa");
}

#[test]
fn sizes_are_2048_to_8192_bits() {
    for (bits, expected) in
        [(1024, "key_size"), (2047, "key_size"), (2048, "read"), (8192, "read"), (8193, "key_size")]
    {
        assert_eq!(reason(PublicKey::from_pem(&public_of(bits, 65537))), expected, "{bits}");
    }
    for (bits, expected) in [(1023, "key_size"), (1024, "read"), (2048, "read"), (8193, "key_size")] {
        assert_eq!(reason(PublicKey::from_legacy_pem(&public_of(bits, 65537))), expected, "{bits}");
    }
    let small = private(1024).to_pkcs8_pem(LineEnding::LF).unwrap();
    assert_eq!(reason(PrivateKey::from_pem(&small)), "key_size");
}

#[test]
fn the_exponent_is_odd_and_at_least_3() {
    for (exponent, expected) in
        [(0, "bad_key"), (1, "bad_key"), (2, "bad_key"), (3, "read"), (65536, "bad_key")]
    {
        assert_eq!(reason(PublicKey::from_pem(&public_of(2048, exponent))), expected, "{exponent}");
    }
}

#[test]
fn a_private_key_whose_parts_do_not_fit_is_refused() {
    let good = private(2048);
    let other = private(2048);
    let parts = |key: &RsaPrivateKey| key.to_pkcs1_der().unwrap().to_bytes().to_vec();
    let (mut der, modulus) = (parts(&good), other.n().to_bytes_be());
    let at = der.windows(256).position(|w| w == good.n().to_bytes_be()).unwrap();
    der[at..at + 256].copy_from_slice(&modulus);
    let pem = rsa::pkcs8::der::pem::encode_string("RSA PRIVATE KEY", LineEnding::LF, &der).unwrap();
    assert_eq!(reason(PrivateKey::from_pem(&pem)), "bad_key");
}

#[test]
fn nothing_of_a_key_is_printed() {
    let key = PrivateKey::generate().unwrap();
    assert_eq!(format!("{key:?}"), "PrivateKey(RSA 2048 bits, redacted)");
    assert_eq!(format!("{:?}", key.public()), "PublicKey(RSA 2048 bits)");
}

#[test]
fn a_signature_is_over_these_bytes_and_by_this_key() {
    let key = PrivateKey::generate().unwrap();
    let signature = key.sign(b"message").unwrap();
    assert_eq!(signature.len(), 256);
    let public = key.public();
    assert!(public.verify(b"message", &signature));
    assert!(!public.verify(b"messagE", &signature));
    assert!(!public.verify(b"message", &signature[1..]));
    assert!(!public.verify(b"message", &[&signature[..], &[0]].concat()));
    assert!(!public.verify(b"message", &[]));
    assert!(!PrivateKey::generate().unwrap().public().verify(b"message", &signature));
    for at in [0, 100, 255] {
        let mut broken = signature.clone();
        broken[at] ^= 1;
        assert!(!public.verify(b"message", &broken));
    }
}

#[test]
fn sha256_is_sha256() {
    // FIPS 180-4 example: "abc"
    let expected = [
        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0,
        0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
    ];
    assert_eq!(sha256(b"abc"), expected);
    assert_eq!(portable::sha256(b"abc"), expected);
}

/// RSASSA-PKCS1-v1_5 is deterministic: both backends make the same signature and take each other's.
#[cfg(feature = "aws-lc")]
#[test]
fn the_backends_agree() {
    for raw in [aws::generate().unwrap(), portable::generate().unwrap(), private(3072)] {
        let aws_signer = aws::Signer::new(&raw).unwrap();
        let portable_signer = portable::Signer::new(&raw).unwrap();
        let public = raw.to_public_key();
        let aws_verifier = aws::Verifier::new(&public).unwrap();
        let portable_verifier = portable::Verifier::new(&public).unwrap();
        for message in [&b""[..], b"message", &[0xff; 5000]] {
            let signature = aws_signer.sign(message).unwrap();
            assert_eq!(signature, portable_signer.sign(message).unwrap());
            for at in 0..=signature.len() {
                let mut tried = signature.clone();
                if let Some(byte) = tried.get_mut(at) {
                    *byte ^= 0x40;
                }
                let valid = at == signature.len();
                assert_eq!(aws_verifier.verify(message, &tried), valid);
                // One in sixteen is enough of the slow one.
                assert!(at % 16 != 0 || portable_verifier.verify(message, &tried) == valid);
            }
        }
    }
}

/// Both refuse and take the same keys.
#[cfg(feature = "aws-lc")]
#[test]
fn the_backends_take_the_same_public_keys() {
    for (bits, exponent) in [(1024, 3_u32), (2048, 3), (2048, 65537), (4096, 65537), (8192, 65537)] {
        let modulus = (BigUint::from(1_u8) << (bits - 1)) + BigUint::from(1_u8);
        let key = RsaPublicKey::new_with_max_size(modulus, BigUint::from(exponent), 8192).unwrap();
        assert!(
            aws::Verifier::new(&key).is_ok() && portable::Verifier::new(&key).is_ok(),
            "{bits} {exponent}"
        );
    }
}
