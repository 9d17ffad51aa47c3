//! `Signature` fields that cannot be read, or that two readers could read in two ways: refused for good.

use crate::refused::{RSA, USUAL, accepted, edited, refused};
use crate::request::Request;

#[test]
fn a_second_signature_is_refused() {
    let mut twice = Request::valid();
    let field = twice.value("Signature");
    twice.add("signature", &field);
    refused(&twice, "repeated_header", 400);
    let mut both = Request::valid();
    both.add("Authorization", &format!("Signature {field}"));
    refused(&both, "repeated_header", 400);
}

#[test]
fn a_field_without_sense_is_refused() {
    refused(&edited("keyId=\"", "keyId="), "signature_malformed", 400);
    refused(&edited(",algorithm", " algorithm"), "signature_malformed", 400);
    refused(&edited(",signature=\"", ",signature=:"), "signature_malformed", 400);
}

#[test]
fn a_field_without_bounds_is_refused() {
    refused(
        &edited("keyId=", &format!("x=\"{}\",keyId=", "a".repeat(16 * 1024))),
        "signature_too_large",
        400,
    );
    let mut many = Request::post();
    let names: Vec<String> = (0..64).map(|i| format!("x-{i}")).collect();
    for name in &names {
        many.add(name, "1");
    }
    let list = |n: usize| format!("{USUAL} {}", names[..n].join(" "));
    accepted(&many.clone().signed(&list(60), RSA));
    refused(&many.signed(&list(61), RSA), "signature_too_large", 400);
}

#[test]
fn a_parameter_that_comes_twice_is_refused() {
    let again = r#"keyId="https://remote.example/users/bob#main-key",keyId="#;
    refused(&edited("keyId=", again), "duplicate_parameter", 400);
    refused(&edited("keyId=", "x=1,x=1,keyId="), "duplicate_parameter", 400);
}

#[test]
fn key_id_and_signature_are_needed() {
    refused(&edited("keyId=", "keyid="), "parameter_missing", 400);
    refused(&edited("https://remote.example/users/bob#main-key", ""), "parameter_missing", 400);
    refused(&edited("signature=", "signatura="), "parameter_missing", 400);
}

#[test]
fn a_signature_that_is_not_base64_is_refused() {
    refused(&edited("signature=\"", "signature=\"*"), "signature_not_base64", 400);
}

#[test]
fn times_must_be_integers_even_when_nothing_covers_them() {
    for bad in ["17.5", "-17", "+17", "", "x", "1234567890123"] {
        refused(&edited("keyId=", &format!("created=\"{bad}\",keyId=")), "bad_time_parameter", 400);
        refused(&edited("keyId=", &format!("expires=\"{bad}\",keyId=")), "bad_time_parameter", 400);
    }
}

#[test]
fn only_header_names_may_be_listed() {
    for bad in ["(query)", "a:b", "@method", "\u{e9}"] {
        let mut request = Request::post();
        request.set(bad, "1");
        refused(&request.signed(&format!("{USUAL} {bad}"), RSA), "bad_header_name", 400);
    }
}

#[test]
fn a_name_listed_twice_is_refused() {
    refused(&Request::post().signed(&format!("{USUAL} host"), RSA), "header_listed_twice", 400);
}
