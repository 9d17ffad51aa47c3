//! How others find us and we find them: WebFinger (RFC 7033), host-meta (RFC 6415), NodeInfo.

pub mod host_meta;
pub mod nodeinfo;
pub mod webfinger;
