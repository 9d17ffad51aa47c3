//! Pages of long lists, as the host answers them.

use serde::Deserialize;
use serde_json::Value;

use super::step::Want;
use super::task::Context;
use crate::error::{Code, Error, Result};

/// One page: `{"items":[…],"next":cursor|null,"total":n|null}`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Page {
    #[serde(default)]
    pub(crate) items: Vec<Value>,
    #[serde(default)]
    pub(crate) next: Option<String>,
    #[serde(default)]
    pub(crate) total: Option<u64>,
}

/// Loads the page of a list that begins at `cursor`. A list that does not exist is empty.
pub(crate) async fn load(
    cx: &Context,
    name: &'static str,
    key: &str,
    cursor: Option<String>,
) -> Result<Page> {
    match cx.load(vec![Want::page(name, key, cursor)]).await?.pop().flatten() {
        None => Ok(Page::default()),
        Some(value) => serde_json::from_value(value).map_err(|_| {
            Error::new(
                Code::InvalidArgument,
                "bad_page",
                "expected a page: {\"items\":[…],\"next\":cursor,\"total\":n}",
            )
            .at(name)
        }),
    }
}
