//! Any activity as it comes from the wire.

use serde_json::Value;

use super::{Activity, ObjectRef};
use crate::error::{Result, malformed};
use crate::vocab::{Object, addressees, http_url};

/// Reads an activity; it is taken apart, not copied.
///
/// The post in a `Create` or `Update` is read from `object` by [`post::read`](crate::translate::post::read()).
///
/// Errors, all `Malformed` with the JSON pointer: `not_an_object`, `no_type`, `no_id`, `no_actor`,
/// `several_actors`, `no_object`.
pub fn read(mut document: Value) -> Result<Activity> {
    let Some(object) = Object::of(&document) else {
        return Err(malformed("not_an_object", "expected an activity"));
    };
    let kind = object
        .types()
        .next()
        .ok_or_else(|| malformed("no_type", "expected a type such as Create").at("/type"))?
        .to_owned();
    let id = object
        .id()
        .and_then(http_url)
        .ok_or_else(|| malformed("no_id", "expected an http(s) URI as the id of the activity").at("/id"))?
        .to_owned();
    // Two actors could not both have signed (Prismo and Vernissage send arrays of one).
    if object.items("actor").nth(1).is_some() {
        return Err(malformed("several_actors", "expected one actor").at("/actor"));
    }
    let actor = object
        .link("actor")
        .and_then(http_url)
        .ok_or_else(|| malformed("no_actor", "expected the http(s) URI of one actor").at("/actor"))?
        .to_owned();
    let (to, cc) = (addressees(object, "to"), addressees(object, "cc"));
    let published = object.time("published");
    let target = object.link("target").and_then(http_url).map(str::to_owned);
    let value = document.get_mut("object").map(Value::take).unwrap_or_default();
    let mut objects = match value {
        Value::Array(items) => items,
        one => vec![one],
    }
    .into_iter()
    .filter_map(reference);
    let object = objects
        .next()
        .ok_or_else(|| malformed("no_object", "expected an object or its http(s) URI").at("/object"))?;
    Ok(Activity { id, kind, actor, object, others: objects.collect(), target, to, cc, published })
}

fn reference(value: Value) -> Option<ObjectRef> {
    match &value {
        Value::Object(_) => Some(ObjectRef::Embedded(value)),
        Value::String(text) => Some(ObjectRef::Id(http_url(text)?.to_owned())),
        _ => None,
    }
}
