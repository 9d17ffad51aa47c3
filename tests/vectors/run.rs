//! Runs one case, as the README says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::abi::{CALLS, Gives, Handles};
use crate::exchange::{Answer, Exchange};
use crate::format::{
    Case, Expected, Fault, bytes, compare, compare_bytes, error, inputs, object, text, time, truth,
};

/// Runs a case; the fault says what differs.
pub fn case(case: &Case, handles: &Handles) -> Result<(), Fault> {
    let inputs = inputs(case.inputs, handles)?;
    match &case.expected {
        Expected::Steps(steps) => {
            let exchange = handles
                .begin(case.call, &inputs)
                .map_err(|failure| format!("expected an exchange, it failed with {failure}"))?;
            for (index, item) in steps.iter().enumerate() {
                let last = index + 1 == steps.len();
                self::item(item, last, inputs.now, &exchange, handles)
                    .map_err(|fault| format!("item {}: {fault}", index + 1))?;
            }
            Ok(())
        }
        Expected::Error(expected) => {
            let outcome = if CALLS.iter().any(|(n, _, g)| *n == case.call && *g == Gives::Exchange) {
                handles.begin(case.call, &inputs).map(drop)
            } else {
                handles.call(case.call, &inputs).map(drop)
            };
            match outcome {
                Ok(()) => Err(format!("expected the error {expected}, it succeeded")),
                Err(failure) => compare(&failure, expected, "error"),
            }
        }
        Expected::Out(expected) => match handles.call(case.call, &inputs) {
            Ok(found) => compare_bytes(&found, expected),
            Err(failure) => Err(format!("it failed with {failure}")),
        },
    }
}

fn item(item: &Value, last: bool, now: i64, exchange: &Exchange, handles: &Handles) -> Result<(), Fault> {
    let item = object(item, &[], &["step", "body", "answer", "error"])?;
    if let Some(expected) = item.get("error") {
        error(expected)?;
        if !last || item.len() > 1 {
            return Err("an `error` stands alone and ends the exchange".into());
        }
        return match exchange.step() {
            Ok((step, _)) => Err(format!("expected the error {expected}, found {step}")),
            Err(failure) => compare(&failure, expected, "error"),
        };
    }
    let expected = item.get("step").ok_or("`step` is missing")?;
    let (step, body) = exchange.step().map_err(|failure| format!("it failed with {failure}"))?;
    compare(&step, expected, "step")?;
    compare_bytes(&body, item.get("body").unwrap_or(&Value::String(String::new())))?;
    match item.get("answer") {
        Some(answer) if !last => self::answer(answer, &step, now, exchange, handles),
        None if last => Ok(()),
        _ => Err("every item but the last has an `answer`".into()),
    }
}

fn answer(
    answer: &Value,
    step: &Value,
    now: i64,
    exchange: &Exchange,
    handles: &Handles,
) -> Result<(), Fault> {
    let (ready, given) = ready(answer, step, handles)?;
    let now = given.get("now").map_or(Ok(now), time)?;
    let number = given.get("number").unwrap_or(&step["step"]);
    let number = number.as_u64().and_then(|n| u32::try_from(n).ok()).ok_or("`number` is no step")?;
    if let Some(expected) = given.get("error") {
        error(expected)?;
    }
    let outcome = exchange.answer(number, now, &ready);
    match (given.get("error"), outcome) {
        (None, Ok(())) => Ok(()),
        (None, Err(failure)) => Err(format!("the answer failed with {failure}")),
        (Some(expected), Ok(())) => Err(format!("expected the answer's error {expected}, it was taken")),
        (Some(expected), Err(failure)) => compare(&failure, expected, "answer/error"),
    }
}

/// The answer as it crosses the interface.
fn ready<'a>(
    answer: &'a Value,
    step: &Value,
    handles: &Handles,
) -> Result<(Answer, &'a serde_json::Map<String, Value>), Fault> {
    const ALWAYS: [&str; 3] = ["now", "number", "error"];
    let with = |needed: &[&str]| object(answer, needed, &ALWAYS);
    if answer.get("load").is_some() {
        let given = with(&["load"])?;
        return Ok((Answer::Load(given["load"].to_string().into_bytes()), given));
    }
    if answer.get("fetch").is_some() {
        let given = with(&["fetch", "body"])?;
        return Ok((Answer::Fetch(given["fetch"].to_string().into_bytes(), bytes(&given["body"])?), given));
    }
    if answer.get("sign").is_some() {
        let given = with(&["sign"])?;
        let key = text(&given["sign"])?;
        if !handles.knows("key", key) {
            return Err(format!("there is no key `{key}`"));
        }
        let message = step["sign"]["bytes"].as_str().ok_or("the step asks for no signature")?;
        let message = STANDARD.decode(message).map_err(|error| error.to_string())?;
        return Ok((Answer::Sign(handles.sign(key, &message)), given));
    }
    if answer.get("signature").is_some() {
        let given = with(&["signature"])?;
        return Ok((Answer::Sign(bytes(&given["signature"])?), given));
    }
    let given = with(&["failed", "retryable"])?;
    let reason = text(&given["failed"])?.as_bytes().to_vec();
    Ok((Answer::Failed(reason, truth(&given["retryable"])?), given))
}
