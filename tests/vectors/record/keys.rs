//! Keys: their forms, what is not one, and a signature.

use serde_json::json;

use super::Recorder;
use super::scene::{legacy_bits, pem, public};

pub fn record(r: &mut Recorder) {
    let text = |name: &str| json!({"key": name});
    r.call("key-to-pem", "", "key_to_pem", text("ann"));
    r.call("key-of-pkcs1-becomes-pkcs8", "The same key as ann.", "key_to_pem", text("ann-pkcs1"));
    r.call("key-public-half", "", "key_public_pem", text("ann"));
    r.call(
        "key-signs-text",
        "RFC 8017 section 8.2; always the same.",
        "key_sign",
        json!({"key": "ann", "message": "hello"}),
    );
    r.call("key-signs-nothing", "", "key_sign", json!({"key": "ann", "message": ""}));
    let bytes = json!({"key": "bob", "message": {"base64": "AAECA//+CgA="}});
    r.call("key-signs-bytes-that-are-no-text", "", "key_sign", bytes);
    let bad = [
        ("empty", "", json!("")),
        ("no-pem", "", json!("a secret")),
        (
            "cut",
            "",
            json!("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\n-----END PRIVATE KEY-----\n"),
        ),
        ("public", "A public key where a private one is expected.", json!(public("ann"))),
        ("two", "", json!(format!("{}{}", pem!("ann"), pem!("bob")))),
        ("encrypted", "", json!(pem!("encrypted"))),
        ("ed25519", "", json!(pem!("ed25519"))),
        ("small", "1024 bits prove nothing today.", json!(pem!("small"))),
        ("not-utf8", "", json!({"base64": "LS0tLf8="})),
        ("over-16-mib", "FEDIGRAFT_MAX_INPUT.", json!({"repeat": "a", "times": 16_777_217})),
    ];
    for (what, note, pem) in bad {
        r.call(&format!("private-key-{what}"), note, "key_from_pem", json!({"pem": pem}));
    }
    for name in ["bob", "bob-with-spaces", "bob-with-escapes"] {
        let note = if name == "bob" { "" } else { "Actors with such keys exist." };
        r.call(&format!("public-key-of-{name}"), note, "public_key_to_pem", json!({"public_key": name}));
    }
    assert_eq!(legacy_bits(pem!("small-public")), 1024);
    let bad = [
        ("private", "A private key where a public one is expected.", json!(pem!("ann"))),
        ("ed25519", "", json!(pem!("ed25519-public"))),
        ("small", "", json!(pem!("small-public"))),
        ("of-a-certificate", "", json!("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")),
    ];
    for (what, note, pem) in bad {
        r.call(&format!("public-key-{what}"), note, "public_key_from_pem", json!({"pem": pem}));
    }
}
