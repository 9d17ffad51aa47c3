//! The format of the files, read strictly: what is not in `README.md` is refused, so that a typing mistake
//! cannot make a case pass.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::abi::{CALLS, Gives, Handles, Inputs};

/// What is wrong, for the reader.
pub type Fault = String;

/// A case as it stands in a file.
#[derive(Debug)]
pub struct Case<'a> {
    pub name: &'a str,
    pub call: &'static str,
    pub inputs: &'a Map<String, Value>,
    pub expected: Expected<'a>,
}

/// What a case comes to.
#[derive(Debug)]
pub enum Expected<'a> {
    Out(&'a Value),
    Error(&'a Value),
    Steps(&'a [Value]),
}

/// An object with these members: all of the first list, any of the second, nothing else.
pub fn object<'a>(
    value: &'a Value,
    needed: &[&str],
    allowed: &[&str],
) -> Result<&'a Map<String, Value>, Fault> {
    let object = value.as_object().ok_or_else(|| format!("expected an object, found {value}"))?;
    if let Some(missing) = needed.iter().find(|name| !object.contains_key(**name)) {
        return Err(format!("`{missing}` is missing"));
    }
    match object.keys().find(|name| !needed.contains(&name.as_str()) && !allowed.contains(&name.as_str())) {
        Some(unknown) => Err(format!("`{unknown}` is unknown here")),
        None => Ok(object),
    }
}

/// The cases of a file.
pub fn cases(file: &Value) -> Result<Vec<Case<'_>>, Fault> {
    let file = object(file, &["source", "cases"], &[])?;
    text(&file["source"])?;
    let cases = file["cases"].as_array().ok_or("`cases` is not a list")?;
    if cases.is_empty() {
        return Err("there are no cases".into());
    }
    cases.iter().map(|case| read(case).map_err(|fault| format!("{}: {fault}", case["name"]))).collect()
}

fn read(value: &Value) -> Result<Case<'_>, Fault> {
    let case = object(value, &["name", "call", "in"], &["note", "out", "error", "steps"])?;
    if let Some(note) = case.get("note") {
        text(note)?;
    }
    let call = text(&case["call"])?;
    let Some((call, names, gives)) = CALLS.iter().find(|(name, _, _)| *name == call) else {
        return Err(format!("there is no function `{call}`"));
    };
    let mut outcomes = ["out", "error", "steps"].iter().filter_map(|name| Some((*name, case.get(*name)?)));
    let (Some((kind, outcome)), None) = (outcomes.next(), outcomes.next()) else {
        return Err("expected one of `out`, `error` and `steps`".into());
    };
    let expected = match (kind, gives) {
        ("error", _) => {
            self::error(outcome)?;
            Expected::Error(outcome)
        }
        ("steps", Gives::Exchange) => {
            let steps = outcome.as_array().filter(|steps| !steps.is_empty()).ok_or("`steps` is no list")?;
            Expected::Steps(steps)
        }
        ("out", Gives::Text | Gives::Json | Gives::Bytes) => Expected::Out(outcome),
        _ => return Err(format!("`{call}` does not come to `{kind}`")),
    };
    let inputs = object(&case["in"], names, &[])?;
    Ok(Case { name: text(&case["name"])?, call, inputs, expected })
}

/// An expected error: four members, each of its type.
pub fn error(value: &Value) -> Result<(), Fault> {
    let error = object(value, &["status", "reason", "at", "retryable"], &[])?;
    text(&error["status"])?;
    text(&error["reason"])?;
    if !error["at"].is_null() {
        text(&error["at"])?;
    }
    truth(&error["retryable"]).map(drop)
}

/// The inputs of a case, ready to call with.
pub fn inputs(given: &Map<String, Value>, handles: &Handles) -> Result<Inputs, Fault> {
    let mut inputs = Inputs::default();
    for (name, value) in given {
        match name.as_str() {
            "now" => inputs.now = time(value)?,
            "instance" | "key" | "public_key" => {
                let handle = text(value)?;
                if !handles.knows(name, handle) {
                    return Err(format!("there is no {name} `{handle}`"));
                }
                inputs.names.insert(name.clone(), handle.to_owned());
            }
            _ => {
                inputs.bytes.insert(name.clone(), bytes(value).map_err(|fault| format!("{name}: {fault}"))?);
            }
        }
    }
    Ok(inputs)
}

/// Bytes in one of the four ways to write them.
pub fn bytes(value: &Value) -> Result<Vec<u8>, Fault> {
    if let Some(text) = value.as_str() {
        return Ok(text.as_bytes().to_vec());
    }
    if value.get("repeat").is_some() {
        let given = object(value, &["repeat", "times"], &[])?;
        let times =
            given["times"].as_u64().and_then(|n| usize::try_from(n).ok()).ok_or("`times` is no count")?;
        return Ok(text(&given["repeat"])?.repeat(times).into_bytes());
    }
    let given = object(value, &[], &["json", "base64"])?;
    match (given.get("json"), given.get("base64")) {
        (Some(json), None) => Ok(json.to_string().into_bytes()),
        (None, Some(coded)) => STANDARD.decode(text(coded)?).map_err(|error| error.to_string()),
        _ => Err("expected text, or one of `json`, `base64` and `repeat`".into()),
    }
}

pub fn text(value: &Value) -> Result<&str, Fault> {
    value.as_str().ok_or_else(|| format!("expected text, found {value}"))
}

pub fn truth(value: &Value) -> Result<bool, Fault> {
    value.as_bool().ok_or_else(|| format!("expected true or false, found {value}"))
}

pub fn time(value: &Value) -> Result<i64, Fault> {
    value.as_i64().ok_or_else(|| format!("expected seconds, found {value}"))
}

/// Compares bytes with what is expected: as values when that is JSON, else byte by byte.
pub fn compare_bytes(found: &[u8], expected: &Value) -> Result<(), Fault> {
    let wanted = bytes(expected)?;
    if let Some(json) = expected.get("json") {
        let found: Value = serde_json::from_slice(found)
            .map_err(|_| format!("expected JSON, found {:?}", String::from_utf8_lossy(found)))?;
        return compare(&found, json, "");
    }
    if found == wanted {
        return Ok(());
    }
    Err(format!(
        "expected {:?}, found {:?}",
        String::from_utf8_lossy(&wanted),
        String::from_utf8_lossy(found)
    ))
}

/// Compares JSON values: no member more, none less, numbers by their value. The fault says where.
pub fn compare(found: &Value, expected: &Value, at: &str) -> Result<(), Fault> {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            for (name, value) in expected {
                let place = format!("{at}/{name}");
                match found.get(name) {
                    Some(found) => compare(found, value, &place)?,
                    None => return Err(format!("{place}: expected {value}, found nothing")),
                }
            }
            match found.keys().find(|name| !expected.contains_key(*name)) {
                Some(more) => Err(format!("{at}/{more}: expected nothing, found {}", found[more])),
                None => Ok(()),
            }
        }
        (Value::Array(found), Value::Array(expected)) if found.len() == expected.len() => found
            .iter()
            .zip(expected)
            .enumerate()
            .try_for_each(|(index, (found, expected))| compare(found, expected, &format!("{at}/{index}"))),
        (Value::Number(a), Value::Number(b)) if a == b || a.as_f64() == b.as_f64() => Ok(()),
        _ if found == expected => Ok(()),
        _ => Err(format!("{at}: expected {expected}, found {found}")),
    }
}
