//! Calls through the C interface by name, exactly as a binding makes them.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::ptr;

use fedigraft::ffi::*;
use serde_json::{Value, json};

use crate::exchange::Exchange;

/// What a call writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gives {
    Text,
    Json,
    Bytes,
    Handle,
    Exchange,
}

/// Every function a case may name, with its inputs in the order of the header.
pub const CALLS: [(&str, &[&str], Gives); 29] = [
    ("key_from_pem", &["pem"], Gives::Handle),
    ("key_to_pem", &["key"], Gives::Text),
    ("key_public_pem", &["key"], Gives::Text),
    ("key_sign", &["key", "message"], Gives::Bytes),
    ("public_key_from_pem", &["pem"], Gives::Handle),
    ("public_key_to_pem", &["public_key"], Gives::Text),
    ("instance_new", &["config"], Gives::Handle),
    ("instance_describe", &["instance"], Gives::Json),
    ("instance_uri", &["instance", "kind", "id"], Gives::Text),
    ("request_sign", &["key", "key_id", "now", "head", "body"], Gives::Json),
    ("request_key_id", &["head"], Gives::Json),
    ("request_verify", &["instance", "public_key", "now", "head", "body"], Gives::Json),
    ("request_explain", &["instance", "public_key", "now", "head", "body"], Gives::Json),
    ("profile_render", &["instance", "profile", "public_key"], Gives::Json),
    ("profile_read", &["actor"], Gives::Json),
    ("post_render", &["instance", "profile", "post"], Gives::Json),
    ("post_read", &["object"], Gives::Json),
    ("activity_read", &["activity"], Gives::Json),
    ("html_sanitise", &["html"], Gives::Text),
    ("html_to_text", &["html"], Gives::Text),
    ("content_to_html", &["instance", "content"], Gives::Json),
    ("webfinger_render", &["instance", "profile"], Gives::Json),
    ("nodeinfo_render", &["instance", "version", "usage"], Gives::Json),
    ("route", &["instance", "head"], Gives::Json),
    ("receive", &["instance", "now", "head", "body"], Gives::Exchange),
    ("perform", &["instance", "now", "action"], Gives::Exchange),
    ("look_up", &["instance", "now", "query"], Gives::Exchange),
    ("resume", &["instance", "now", "job"], Gives::Exchange),
    ("send", &["instance", "now", "delivery"], Gives::Exchange),
];

/// The inputs of a call: bytes by name, handles by their names, and the time.
#[derive(Default)]
pub struct Inputs {
    pub bytes: BTreeMap<String, Vec<u8>>,
    pub names: BTreeMap<String, String>,
    pub now: i64,
}

/// The instances and keys that cases name, opened.
pub struct Handles {
    instances: BTreeMap<String, *mut fedigraft_instance>,
    keys: BTreeMap<String, *mut fedigraft_key>,
    public_keys: BTreeMap<String, *mut fedigraft_public_key>,
}

/// What a failed call says: status, reason, place, and whether to try again.
pub type Failure = Value;

pub type Status = fedigraft_status;
pub type ErrorOut = *mut *mut fedigraft_error;

// The shapes of functions: of a document, of an instance and a document, of what begins an exchange.
type Plain = unsafe extern "C" fn(*const u8, usize, *mut fedigraft_buf, ErrorOut) -> Status;
type Bound =
    unsafe extern "C" fn(*const fedigraft_instance, *const u8, usize, *mut fedigraft_buf, ErrorOut) -> Status;
type Begin = unsafe extern "C" fn(
    *const fedigraft_instance,
    i64,
    *const u8,
    usize,
    *mut *mut fedigraft_exchange,
    ErrorOut,
) -> Status;

/// Makes a call and turns its status into a result. Success must leave the error alone.
pub fn call(work: impl FnOnce(ErrorOut) -> Status) -> Result<(), Failure> {
    let mut error = ptr::null_mut();
    let status = work(&raw mut error);
    if status == Status::FEDIGRAFT_OK {
        assert!(error.is_null(), "success leaves the error alone");
        return Ok(());
    }
    let detail = unsafe { CStr::from_ptr(fedigraft_error_detail(error)) }.to_str().unwrap();
    let detail: Value = serde_json::from_str(detail).unwrap();
    let name = unsafe { CStr::from_ptr(fedigraft_status_name(status as i32)) }.to_str().unwrap();
    assert_eq!((detail["code"].as_str(), detail["status"].as_i64()), (Some(name), Some(status as i64)));
    let retryable = unsafe { fedigraft_error_is_retryable(error) } != 0;
    assert_eq!(detail["retryable"], retryable);
    unsafe { fedigraft_error_free(error) };
    Err(json!({"status": name, "reason": detail["reason"], "at": detail["at"], "retryable": retryable}))
}

/// Takes the bytes out of a buffer and frees it.
pub fn take(mut buf: fedigraft_buf) -> Vec<u8> {
    let bytes = if buf.len == 0 {
        Vec::new()
    } else {
        unsafe { std::slice::from_raw_parts(buf.data, buf.len) }.to_vec()
    };
    unsafe { fedigraft_buf_free(&raw mut buf) };
    bytes
}

pub const EMPTY: fedigraft_buf = fedigraft_buf { data: ptr::null_mut(), len: 0 };

fn bytes_out(work: impl FnOnce(*mut fedigraft_buf, ErrorOut) -> Status) -> Result<Vec<u8>, Failure> {
    let mut out = EMPTY;
    let outcome = call(|error| work(&raw mut out, error));
    assert!(outcome.is_ok() || out.data.is_null(), "nothing is written on failure");
    outcome.map(|()| take(out))
}

fn handle_out<T>(work: impl FnOnce(*mut *mut T, ErrorOut) -> Status) -> Result<*mut T, Failure> {
    let mut out = ptr::null_mut();
    let outcome = call(|error| work(&raw mut out, error));
    assert_eq!(outcome.is_ok(), !out.is_null(), "a handle is written on success alone");
    outcome.map(|()| out)
}

impl Handles {
    /// Opens what `handles.json` names.
    pub fn open(document: &Value) -> Self {
        let each = |name: &str| document[name].as_object().unwrap().clone().into_iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            instances: each("instances")
                .map(|(name, config)| (name, new_instance(config.to_string().as_bytes()).unwrap()))
                .collect(),
            keys: each("keys").map(|(name, pem)| (name, new_key(text(&pem).as_bytes()).unwrap())).collect(),
            public_keys: each("public_keys")
                .map(|(name, pem)| (name, new_public_key(text(&pem).as_bytes()).unwrap()))
                .collect(),
        }
    }

    /// True when there is a handle of this kind (`instance`, `key`, `public_key`) and name.
    pub fn knows(&self, kind: &str, name: &str) -> bool {
        match kind {
            "instance" => self.instances.contains_key(name),
            "key" => self.keys.contains_key(name),
            _ => self.public_keys.contains_key(name),
        }
    }

    /// The signature of a named key.
    pub fn sign(&self, key: &str, message: &[u8]) -> Vec<u8> {
        let key = self.keys[key];
        bytes_out(|out, e| unsafe { fedigraft_key_sign(key, message.as_ptr(), message.len(), out, e) })
            .unwrap()
    }

    /// Makes a call that gives bytes, or a handle that is freed at once.
    pub fn call(&self, name: &str, inputs: &Inputs) -> Result<Vec<u8>, Failure> {
        let of = |name: &str| (inputs.bytes[name].as_ptr(), inputs.bytes[name].len());
        let instance = || self.instances[&inputs.names["instance"]];
        let key = || self.keys[&inputs.names["key"]];
        let public_key = || self.public_keys[&inputs.names["public_key"]];
        let now = inputs.now;
        let plain = |function: Plain, name: &str| {
            let (data, len) = of(name);
            bytes_out(|out, e| unsafe { function(data, len, out, e) })
        };
        let bound = |function: Bound, name: &str| {
            let (data, len) = of(name);
            bytes_out(|out, e| unsafe { function(instance(), data, len, out, e) })
        };
        match name {
            "key_from_pem" => new_key(&inputs.bytes["pem"]).map(|key| {
                unsafe { fedigraft_key_free(key) };
                Vec::new()
            }),
            "public_key_from_pem" => new_public_key(&inputs.bytes["pem"]).map(|key| {
                unsafe { fedigraft_public_key_free(key) };
                Vec::new()
            }),
            "instance_new" => new_instance(&inputs.bytes["config"]).map(|instance| {
                unsafe { fedigraft_instance_free(instance) };
                Vec::new()
            }),
            "key_to_pem" => bytes_out(|out, e| unsafe { fedigraft_key_to_pem(key(), out, e) }),
            "key_public_pem" => bytes_out(|out, e| unsafe { fedigraft_key_public_pem(key(), out, e) }),
            "key_sign" => {
                let (data, len) = of("message");
                bytes_out(|out, e| unsafe { fedigraft_key_sign(key(), data, len, out, e) })
            }
            "public_key_to_pem" => {
                bytes_out(|out, e| unsafe { fedigraft_public_key_to_pem(public_key(), out, e) })
            }
            "instance_describe" => {
                bytes_out(|out, e| unsafe { fedigraft_instance_describe(instance(), out, e) })
            }
            "instance_uri" => {
                let ((kind, kind_len), (id, id_len)) = (of("kind"), of("id"));
                bytes_out(|out, e| unsafe {
                    fedigraft_instance_uri(instance(), kind, kind_len, id, id_len, out, e)
                })
            }
            "request_sign" => {
                let ((id, id_len), (head, head_len), (body, body_len)) =
                    (of("key_id"), of("head"), of("body"));
                bytes_out(|out, e| unsafe {
                    fedigraft_request_sign(key(), id, id_len, now, head, head_len, body, body_len, out, e)
                })
            }
            "request_verify" | "request_explain" => {
                let ((head, head_len), (body, body_len)) = (of("head"), of("body"));
                let function = if name == "request_verify" {
                    fedigraft_request_verify
                } else {
                    fedigraft_request_explain
                };
                bytes_out(|out, e| unsafe {
                    function(instance(), public_key(), now, head, head_len, body, body_len, out, e)
                })
            }
            "profile_render" => {
                let (profile, len) = of("profile");
                bytes_out(|out, e| unsafe {
                    fedigraft_profile_render(instance(), profile, len, public_key(), out, e)
                })
            }
            "post_render" => {
                let ((profile, profile_len), (post, post_len)) = (of("profile"), of("post"));
                bytes_out(|out, e| unsafe {
                    fedigraft_post_render(instance(), profile, profile_len, post, post_len, out, e)
                })
            }
            "nodeinfo_render" => {
                let ((version, version_len), (usage, usage_len)) = (of("version"), of("usage"));
                bytes_out(|out, e| unsafe {
                    fedigraft_nodeinfo_render(instance(), version, version_len, usage, usage_len, out, e)
                })
            }
            "request_key_id" => plain(fedigraft_request_key_id, "head"),
            "profile_read" => plain(fedigraft_profile_read, "actor"),
            "post_read" => plain(fedigraft_post_read, "object"),
            "activity_read" => plain(fedigraft_activity_read, "activity"),
            "html_sanitise" => plain(fedigraft_html_sanitise, "html"),
            "html_to_text" => plain(fedigraft_html_to_text, "html"),
            "content_to_html" => bound(fedigraft_content_to_html, "content"),
            "webfinger_render" => bound(fedigraft_webfinger_render, "profile"),
            "route" => bound(fedigraft_route, "head"),
            _ => panic!("{name} gives no bytes"),
        }
    }

    /// Begins an exchange.
    pub fn begin(&self, name: &str, inputs: &Inputs) -> Result<Exchange, Failure> {
        let instance = self.instances[&inputs.names["instance"]];
        let now = inputs.now;
        let of = |name: &str| (inputs.bytes[name].as_ptr(), inputs.bytes[name].len());
        let begin = |function: Begin, name: &str| {
            let (data, len) = of(name);
            handle_out(|out, e| unsafe { function(instance, now, data, len, out, e) })
        };
        let begun = match name {
            "receive" => {
                let ((head, head_len), (body, body_len)) = (of("head"), of("body"));
                handle_out(|out, e| unsafe {
                    fedigraft_receive(instance, now, head, head_len, body, body_len, out, e)
                })
            }
            "perform" => begin(fedigraft_perform, "action"),
            "look_up" => begin(fedigraft_look_up, "query"),
            "resume" => begin(fedigraft_resume, "job"),
            "send" => begin(fedigraft_send, "delivery"),
            _ => panic!("{name} begins no exchange"),
        };
        begun.map(Exchange::new)
    }
}

impl Drop for Handles {
    fn drop(&mut self) {
        unsafe {
            self.instances.values().for_each(|handle| fedigraft_instance_free(*handle));
            self.keys.values().for_each(|handle| fedigraft_key_free(*handle));
            self.public_keys.values().for_each(|handle| fedigraft_public_key_free(*handle));
        }
    }
}

fn new_instance(config: &[u8]) -> Result<*mut fedigraft_instance, Failure> {
    handle_out(|out, e| unsafe { fedigraft_instance_new(config.as_ptr(), config.len(), out, e) })
}

fn new_key(pem: &[u8]) -> Result<*mut fedigraft_key, Failure> {
    handle_out(|out, e| unsafe { fedigraft_key_from_pem(pem.as_ptr(), pem.len(), out, e) })
}

fn new_public_key(pem: &[u8]) -> Result<*mut fedigraft_public_key, Failure> {
    handle_out(|out, e| unsafe { fedigraft_public_key_from_pem(pem.as_ptr(), pem.len(), out, e) })
}
