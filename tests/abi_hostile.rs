//! Anything at every function of the C interface: a status that is written down, never a panic, and nothing in `out`
//! unless the call succeeded.
#![cfg(feature = "capi")]
#![allow(unsafe_code)] // Calls the C interface as C does.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test that cannot go on fails.

#[path = "abi_hostile/inputs.rs"]
mod inputs;

use std::ffi::CStr;
use std::ptr;
use std::sync::OnceLock;

use fedigraft::ffi::*;
use inputs::argument;
use proptest::prelude::*;

const NOW: i64 = 1_700_000_000;

/// The handles every call may use.
struct Handles {
    key: *mut fedigraft_key,
    public_key: *mut fedigraft_public_key,
    instance: *mut fedigraft_instance,
}

// SAFETY: the three kinds of handle may be used by any thread.
unsafe impl Send for Handles {}
// SAFETY: the same.
unsafe impl Sync for Handles {}

fn handles() -> &'static Handles {
    static HANDLES: OnceLock<Handles> = OnceLock::new();
    HANDLES.get_or_init(|| {
        let mut made =
            Handles { key: ptr::null_mut(), public_key: ptr::null_mut(), instance: ptr::null_mut() };
        let loads = serde_json::to_string(&fedigraft::instance::LOADS).unwrap();
        let config = format!(r#"{{"origin":"https://chirp.example","loads":{loads}}}"#);
        ok(|_, error| unsafe { fedigraft_key_generate(&raw mut made.key, error) });
        let pem = ok(|out, error| unsafe { fedigraft_key_public_pem(made.key, out, error) });
        ok(|_, error| unsafe {
            fedigraft_public_key_from_pem(pem.as_ptr(), pem.len(), &raw mut made.public_key, error)
        });
        ok(|_, error| unsafe {
            fedigraft_instance_new(config.as_ptr(), config.len(), &raw mut made.instance, error)
        });
        made
    })
}

/// Makes one call and checks what holds for each: a known status, no bug, an error that says the same, nothing
/// written on failure. Gives the bytes written.
fn call(
    body: impl FnOnce(*mut fedigraft_buf, *mut *mut fedigraft_error) -> fedigraft_status,
) -> Result<Vec<u8>, fedigraft_status> {
    let mut out = fedigraft_buf { data: ptr::null_mut(), len: 0 };
    let mut error = ptr::null_mut();
    let status = body(&raw mut out, &raw mut error);
    unsafe {
        let detail = CStr::from_ptr(fedigraft_error_detail(error)).to_str().unwrap();
        assert_ne!(status, fedigraft_status::FEDIGRAFT_INTERNAL, "{detail}");
        if status == fedigraft_status::FEDIGRAFT_OK {
            assert!(error.is_null());
        } else {
            assert_eq!(fedigraft_error_code(error), status);
            let detail: serde_json::Value = serde_json::from_str(detail).unwrap();
            assert!(detail["message"].as_str().is_some_and(|text| text.len() > 3), "{detail}");
            assert!(out.data.is_null(), "nothing is written on failure: {detail}");
        }
        let bytes =
            if out.len == 0 { Vec::new() } else { std::slice::from_raw_parts(out.data, out.len).to_vec() };
        fedigraft_buf_free(&raw mut out);
        fedigraft_error_free(error);
        if status == fedigraft_status::FEDIGRAFT_OK { Ok(bytes) } else { Err(status) }
    }
}

/// Makes a call that succeeds.
fn ok(body: impl FnOnce(*mut fedigraft_buf, *mut *mut fedigraft_error) -> fedigraft_status) -> Vec<u8> {
    call(body).unwrap()
}

/// Like [`call`] for a function that gives JSON.
fn json(body: impl FnOnce(*mut fedigraft_buf, *mut *mut fedigraft_error) -> fedigraft_status) {
    if let Ok(bytes) = call(body) {
        serde_json::from_slice::<serde_json::Value>(&bytes).unwrap();
    }
}

/// Like [`call`] for a function that gives text.
fn text(body: impl FnOnce(*mut fedigraft_buf, *mut *mut fedigraft_error) -> fedigraft_status) {
    if let Ok(bytes) = call(body) {
        String::from_utf8(bytes).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keys(a in argument()) {
        let h = handles();
        let (p, n) = (a.as_ptr(), a.len());
        let (mut key, mut public_key) = (ptr::null_mut(), ptr::null_mut());
        let _ = call(|_, e| unsafe { fedigraft_key_from_pem(p, n, &raw mut key, e) });
        let _ = call(|_, e| unsafe { fedigraft_public_key_from_pem(p, n, &raw mut public_key, e) });
        unsafe {
            fedigraft_key_free(key);
            fedigraft_public_key_free(public_key);
        }
        assert_eq!(ok(|o, e| unsafe { fedigraft_key_sign(h.key, p, n, o, e) }).len(), 256);
    }

    #[test]
    fn instances(a in argument(), b in argument()) {
        let h = handles();
        let mut opened = ptr::null_mut();
        let _ = call(|_, e| unsafe { fedigraft_instance_new(a.as_ptr(), a.len(), &raw mut opened, e) });
        if !opened.is_null() {
            json(|o, e| unsafe { fedigraft_instance_describe(opened, o, e) });
        }
        unsafe { fedigraft_instance_free(opened) };
        for kind in [&b"actor"[..], b"key", b"post", b"activity", b"tag_page", b"handle", b"nodeinfo", &b] {
            text(|o, e| unsafe {
                fedigraft_instance_uri(h.instance, kind.as_ptr(), kind.len(), a.as_ptr(), a.len(), o, e)
            });
        }
    }

    #[test]
    fn requests(a in argument(), b in argument(), now in any::<i64>()) {
        let h = handles();
        let (p, n, q, m) = (a.as_ptr(), a.len(), b.as_ptr(), b.len());
        json(|o, e| unsafe { fedigraft_request_key_id(p, n, o, e) });
        for now in [now, NOW] {
            json(|o, e| unsafe { fedigraft_request_sign(h.key, q, m, now, p, n, q, m, o, e) });
            json(|o, e| unsafe { fedigraft_request_verify(h.instance, h.public_key, now, p, n, q, m, o, e) });
            json(|o, e| unsafe { fedigraft_request_explain(h.instance, h.public_key, now, p, n, q, m, o, e) });
        }
        json(|o, e| unsafe { fedigraft_route(h.instance, p, n, o, e) });
    }

    #[test]
    fn documents(a in argument(), b in argument()) {
        let h = handles();
        let (p, n, q, m) = (a.as_ptr(), a.len(), b.as_ptr(), b.len());
        json(|o, e| unsafe { fedigraft_profile_render(h.instance, p, n, h.public_key, o, e) });
        json(|o, e| unsafe { fedigraft_profile_read(p, n, o, e) });
        json(|o, e| unsafe { fedigraft_post_render(h.instance, p, n, q, m, o, e) });
        json(|o, e| unsafe { fedigraft_post_render(h.instance, AUTHOR.as_ptr(), AUTHOR.len(), q, m, o, e) });
        json(|o, e| unsafe { fedigraft_post_read(p, n, o, e) });
        json(|o, e| unsafe { fedigraft_activity_read(p, n, o, e) });
        json(|o, e| unsafe { fedigraft_webfinger_render(h.instance, p, n, o, e) });
        json(|o, e| unsafe { fedigraft_nodeinfo_render(h.instance, p, n, q, m, o, e) });
        json(|o, e| unsafe { fedigraft_nodeinfo_render(h.instance, b"2.1".as_ptr(), 3, q, m, o, e) });
    }

    #[test]
    fn texts(a in argument()) {
        let h = handles();
        let (p, n) = (a.as_ptr(), a.len());
        text(|o, e| unsafe { fedigraft_html_sanitise(p, n, o, e) });
        text(|o, e| unsafe { fedigraft_html_to_text(p, n, o, e) });
        json(|o, e| unsafe { fedigraft_content_to_html(h.instance, p, n, o, e) });
        if let Ok(written) = std::str::from_utf8(&a) {
            for format in ["plain", "markdown", "html"] {
                let content = serde_json::json!({"format": format, "text": written}).to_string();
                json(|o, e| unsafe {
                    fedigraft_content_to_html(h.instance, content.as_ptr(), content.len(), o, e)
                });
            }
        }
    }

    #[test]
    fn exchanges(which in 0..5_u8, a in argument(), b in argument(), answers in prop::collection::vec((argument(), argument(), 0..6_u8, any::<i64>()), 1..12)) {
        let h = handles();
        let (p, n, q, m) = (a.as_ptr(), a.len(), b.as_ptr(), b.len());
        let mut x: *mut fedigraft_exchange = ptr::null_mut();
        let _ = call(|_, e| unsafe {
            match which {
                0 => fedigraft_receive(h.instance, NOW, p, n, q, m, &raw mut x, e),
                1 => fedigraft_perform(h.instance, NOW, p, n, &raw mut x, e),
                2 => fedigraft_look_up(h.instance, NOW, p, n, &raw mut x, e),
                3 => fedigraft_resume(h.instance, NOW, p, n, &raw mut x, e),
                _ => fedigraft_send(h.instance, NOW, p, n, &raw mut x, e),
            }
        });
        if !x.is_null() {
            answers.iter().for_each(|(a, b, how, now)| answer(x, a, b, *how, *now));
        }
        unsafe { fedigraft_exchange_free(x) };
    }
}

const AUTHOR: &str = r#"{"id":"1","username":"ann","federated":true}"#;

/// Gives one hostile answer: to the step it is at, or to another, or of another kind.
fn answer(x: *mut fedigraft_exchange, a: &[u8], b: &[u8], how: u8, now: i64) {
    let (p, n, q, m) = (a.as_ptr(), a.len(), b.as_ptr(), b.len());
    let mut body = fedigraft_buf { data: ptr::null_mut(), len: 0 };
    let step = call(|o, e| unsafe { fedigraft_exchange_step(x, o, &raw mut body, e) });
    unsafe { fedigraft_buf_free(&raw mut body) };
    let Ok(step) = step else { return };
    let step: serde_json::Value = serde_json::from_slice(&step).unwrap();
    let number = u32::try_from(step["step"].as_u64().unwrap()).unwrap();
    let _ = call(|_, e| unsafe {
        match how {
            0 => fedigraft_exchange_answer_load(x, number, now, p, n, e),
            1 => fedigraft_exchange_answer_fetch(x, number, now, p, n, q, m, e),
            2 => fedigraft_exchange_answer_sign(x, number, now, p, n, e),
            3 => fedigraft_exchange_answer_failed(x, number.wrapping_sub(1), now, p, n, 1, e),
            _ => fitting(x, &step, number, a, b, e),
        }
    });
}

/// The kind of answer the step asks for, with hostile content where the host has it from others.
unsafe fn fitting(
    x: *mut fedigraft_exchange,
    step: &serde_json::Value,
    number: u32,
    a: &[u8],
    b: &[u8],
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    let value = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap_or_default();
    if let Some(wants) = step["load"].as_array() {
        let hostile = [value(a), value(b), serde_json::Value::Null];
        let values: Vec<_> = wants
            .iter()
            .zip(hostile.iter().cycle())
            .map(
                |(_, value)| {
                    if value.is_null() { value.clone() } else { serde_json::json!({ "value": value }) }
                },
            )
            .collect();
        let values = serde_json::Value::from(values).to_string();
        return unsafe {
            fedigraft_exchange_answer_load(x, number, NOW, values.as_ptr(), values.len(), error)
        };
    }
    if let Some(url) = step["fetch"]["url"].as_str() {
        let head = serde_json::json!({
            "url": url, "status": 200, "address": "203.0.113.9",
            "headers": [["Content-Type", "application/activity+json"]],
        });
        let head = head.to_string();
        return unsafe {
            fedigraft_exchange_answer_fetch(
                x,
                number,
                NOW,
                head.as_ptr(),
                head.len(),
                a.as_ptr(),
                a.len(),
                error,
            )
        };
    }
    unsafe { fedigraft_exchange_answer_sign(x, number, NOW, b.as_ptr(), b.len(), error) }
}
