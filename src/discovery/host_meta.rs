//! host-meta: where WebFinger is, for the few that still ask first (RFC 6415).

use crate::instance::Instance;

/// The media type of the answer.
pub const MEDIA_TYPE: &str = "application/xrd+xml; charset=utf-8";

/// The XRD document with the WebFinger template. An origin has nothing that XML would need escaped.
pub fn render(instance: &Instance) -> String {
    format!(
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?>"#,
            "\n",
            r#"<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">"#,
            "\n",
            r#"  <Link rel="lrdd" type="application/jrd+json" template="{}/.well-known/webfinger?resource={{uri}}"/>"#,
            "\n</XRD>\n"
        ),
        instance.origin()
    )
}
