//! Media types by the extension of a URL, for servers (and hosts) that do not say one.
//!
//! Lemmy, BookWyrm and PieFed send images without `mediaType`; Pixelfed refuses an attachment without one.

const KNOWN: [(&str, &str); 26] = [
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("heic", "image/heic"),
    ("jxl", "image/jxl"),
    ("svg", "image/svg+xml"),
    ("apng", "image/apng"),
    ("bmp", "image/bmp"),
    ("mp4", "video/mp4"),
    ("m4v", "video/mp4"),
    ("webm", "video/webm"),
    ("mov", "video/quicktime"),
    ("ogv", "video/ogg"),
    ("mkv", "video/x-matroska"),
    ("mp3", "audio/mpeg"),
    ("ogg", "audio/ogg"),
    ("oga", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("wav", "audio/wav"),
    ("flac", "audio/flac"),
    ("m4a", "audio/mp4"),
    ("aac", "audio/aac"),
    ("pdf", "application/pdf"),
];

/// The media type that the extension of the URL's path stands for.
pub(super) fn of(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next()?;
    let (_, extension) = path.rsplit('/').next()?.rsplit_once('.')?;
    KNOWN.iter().find(|(known, _)| extension.eq_ignore_ascii_case(known)).map(|(_, media_type)| *media_type)
}

/// The text as a media type in lower case, without parameters; `None` when it is none.
pub(super) fn clean(text: &str) -> Option<String> {
    let essence = text.split(';').next()?.trim().to_ascii_lowercase();
    let token = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+*".contains(&b))
    };
    let (kind, rest) = essence.split_once('/')?;
    (token(kind) && token(rest)).then_some(essence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_of_the_path_counts() {
        assert_eq!(of("https://a.example/x.PNG?y.gif"), Some("image/png"));
        assert_eq!(of("https://a.example.png/x"), None);
        assert_eq!(of("https://a.example/x.exe"), None);
    }

    #[test]
    fn parameters_are_dropped_and_nonsense_refused() {
        assert_eq!(clean("Image/PNG; q=1").as_deref(), Some("image/png"));
        assert_eq!((clean("image"), clean("/png"), clean("a b/c")), (None, None, None));
    }
}
