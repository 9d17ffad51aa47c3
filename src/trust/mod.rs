//! The gate for what comes in: every decision to believe something from outside is made here.
//!
//! A handler of an activity takes a [`Verified`] sender, which only this module makes; a document that was
//! fetched is believed only as an [`Authentic`] one. Rules: FEP-fe34 (origins and owners) and the practice
//! of Mastodon and Fedify, each cited where it stands.

pub(crate) mod address;
pub(crate) mod document;
pub(crate) mod sender;
pub(crate) mod stored;

pub(crate) use document::Authentic;
pub(crate) use sender::Verified;
