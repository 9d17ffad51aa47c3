//! Anything at every function of the C interface: a status that is written down, never a panic, and nothing in `out`
//! unless the call succeeded.
#![cfg(feature = "capi")]
#![allow(unsafe_code)] // Calls the C interface as C does.
#![allow(clippy::many_single_char_names)] // p and n, q and m: pointers and lengths.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test that cannot go on fails.

#[path = "abi_hostile/host.rs"]
mod host;
#[path = "abi_hostile/inputs.rs"]
mod inputs;

use std::ffi::CStr;
use std::ptr;
use std::sync::OnceLock;

use fedigraft::ffi::*;
use host::{AUTHOR, KEY_ID};
use inputs::{activity, argument, work};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json as value};

const NOW: i64 = 1_700_000_000;

/// The handles every call may use.
struct Handles {
    key: *mut fedigraft_key,
    public_key: *mut fedigraft_public_key,
    instance: *mut fedigraft_instance,
    pem: String,
}

// SAFETY: the three kinds of handle may be used by any thread.
unsafe impl Send for Handles {}
// SAFETY: the same.
unsafe impl Sync for Handles {}

fn handles() -> &'static Handles {
    static HANDLES: OnceLock<Handles> = OnceLock::new();
    HANDLES.get_or_init(|| {
        let mut made = Handles {
            key: ptr::null_mut(),
            public_key: ptr::null_mut(),
            instance: ptr::null_mut(),
            pem: String::new(),
        };
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
        made.pem = String::from_utf8(pem).unwrap();
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
    fn beginnings(a in argument(), b in argument(), which in 0..5_u8, answers in vec((argument(), 0..4_u8, any::<i64>()), 1..6)) {
        let x = begin(which, &a, &b);
        for (bytes, how, now) in &answers {
            misanswer(x, bytes, *how, *now);
        }
        unsafe { fedigraft_exchange_free(x) };
    }

    #[test]
    fn signed_activities(activity in activity(), strange in vec(argument(), 1..5), odd in 0..12_usize) {
        let body = activity.to_string();
        let head = signed_head(&body);
        play(begin(0, head.as_bytes(), body.as_bytes()), &strange, odd);
    }

    #[test]
    fn work_of_our_own(work in work(), which in 1..5_u8, strange in vec(argument(), 1..5), odd in 0..12_usize) {
        let query = work["object"].as_str().unwrap_or("@bob@b.example").to_owned();
        let text = if which == 2 { query } else { work.to_string() };
        play(begin(which, text.as_bytes(), b""), &strange, odd);
    }
}

/// Begins an exchange of one of five kinds; NULL when that failed.
fn begin(which: u8, a: &[u8], b: &[u8]) -> *mut fedigraft_exchange {
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
    x
}

/// The step an exchange is at; `None` when it has failed.
fn step(x: *mut fedigraft_exchange) -> Option<(u32, Value)> {
    let mut body = fedigraft_buf { data: ptr::null_mut(), len: 0 };
    let step = call(|o, e| unsafe { fedigraft_exchange_step(x, o, &raw mut body, e) }).ok();
    unsafe { fedigraft_buf_free(&raw mut body) };
    let step: Value = serde_json::from_slice(&step?).unwrap();
    let number = u32::try_from(step["step"].as_u64().unwrap()).unwrap();
    Some((number, step))
}

/// Answers with anything: to the step it is at or to another, of a kind that need not fit.
fn misanswer(x: *mut fedigraft_exchange, a: &[u8], how: u8, now: i64) {
    if x.is_null() {
        return;
    }
    let Some((number, _)) = step(x) else { return };
    let (p, n) = (a.as_ptr(), a.len());
    let _ = call(|_, e| unsafe {
        match how {
            0 => fedigraft_exchange_answer_load(x, number, now, p, n, e),
            1 => fedigraft_exchange_answer_fetch(x, number, now, p, n, p, n, e),
            2 => fedigraft_exchange_answer_sign(x, number, now, p, n, e),
            _ => fedigraft_exchange_answer_failed(x, number.wrapping_sub(1), now, p, n, 1, e),
        }
    });
}

/// Plays a host until the exchange ends: honest in what is its own, but what it fetches, and one document it loads,
/// is what strangers wrote.
fn play(x: *mut fedigraft_exchange, strange: &[Vec<u8>], odd: usize) {
    let h = handles();
    let mut loaded = 0;
    let mut texts = strange.iter().cycle();
    for round in 0.. {
        assert!(round < 100, "an exchange ends");
        if x.is_null() {
            return;
        }
        let Some((number, step)) = step(x) else { break };
        if step.get("done").is_some() {
            break;
        }
        let text = texts.next().unwrap();
        let document: Value = serde_json::from_slice(text).unwrap_or_default();
        let answered = if let Some(wants) = step["load"].as_array() {
            let mut values = Vec::new();
            for want in wants {
                let (name, key) = (want["name"].as_str().unwrap(), want["key"].as_str().unwrap());
                loaded += 1;
                values.push(if loaded == odd {
                    with_id(&document, key)
                } else {
                    host::load(name, key, &h.pem)
                });
            }
            let values = Value::from(values).to_string();
            call(|_, e| unsafe {
                fedigraft_exchange_answer_load(x, number, NOW, values.as_ptr(), values.len(), e)
            })
        } else if let Some(url) = step["fetch"]["url"].as_str() {
            let head = value!({
                "url": url, "status": if text.len() % 7 == 0 { 302 } else { 200 }, "address": "1.1.1.1",
                "headers": [["Content-Type", "application/activity+json"], ["Location", "https://b.example/other"]],
            });
            let head = head.to_string();
            let document = with_id(&document, url)["value"].to_string();
            let body = if document == "null" { text.as_slice() } else { document.as_bytes() };
            call(|_, e| unsafe {
                fedigraft_exchange_answer_fetch(
                    x,
                    number,
                    NOW,
                    head.as_ptr(),
                    head.len(),
                    body.as_ptr(),
                    body.len(),
                    e,
                )
            })
        } else {
            let message = step["sign"]["bytes"].to_string();
            let signature =
                ok(|o, e| unsafe { fedigraft_key_sign(h.key, message.as_ptr(), message.len(), o, e) });
            call(|_, e| unsafe {
                fedigraft_exchange_answer_sign(x, number, NOW, signature.as_ptr(), signature.len(), e)
            })
        };
        answered.unwrap();
    }
    unsafe { fedigraft_exchange_free(x) };
}

/// A stranger's document under the id it was asked by, as a loaded value.
fn with_id(document: &Value, id: &str) -> Value {
    let mut document = document.clone();
    if let Some(members) = document.as_object_mut() {
        members.insert("id".into(), id.into());
    }
    value!({ "value": document })
}

/// The head of a delivery to the shared inbox, signed by the stranger.
fn signed_head(body: &str) -> String {
    let h = handles();
    let headers = r#"["Host","chirp.example"],["Content-Type","application/activity+json"]"#;
    let head = format!(r#"{{"method":"POST","target":"/ap/inbox","headers":[{headers}]}}"#);
    let added = ok(|o, e| unsafe {
        fedigraft_request_sign(
            h.key,
            KEY_ID.as_ptr(),
            KEY_ID.len(),
            NOW,
            head.as_ptr(),
            head.len(),
            body.as_ptr(),
            body.len(),
            o,
            e,
        )
    });
    let added = String::from_utf8(added).unwrap();
    format!(r#"{{"method":"POST","target":"/ap/inbox","headers":[{headers},{}}}"#, &added[1..])
}
