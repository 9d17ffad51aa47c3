//! The parameters of the `Signature` field: auth-params of RFC 7235 section 2.1, read in one pass.
//!
//! Tolerant where peers differ (spaces, quoted or bare values, empty list elements, unknown names), strict
//! where two readers could see two things: a name that comes twice is refused (Mastodon 4.6.5 does, after an
//! advisory). Names are case-sensitive, as everyone writes them.

/// Longest field read, in bytes; real ones stay below 1,500.
const MAX_FIELD: usize = 16 * 1024;
/// Most parameters read; real fields have at most 6.
const MAX_PARAMS: usize = 32;

/// The parameters that mean something, unescaped.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Params {
    pub(super) key_id: Option<String>,
    pub(super) algorithm: Option<String>,
    pub(super) headers: Option<String>,
    pub(super) signature: Option<String>,
    pub(super) created: Option<String>,
    pub(super) expires: Option<String>,
}

/// Why a field cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Over a bound.
    TooLarge,
    /// Not a list of `name=value`; the byte offset where reading stopped.
    Syntax(usize),
    /// A parameter comes twice; the byte offset of the second.
    Duplicate(usize),
}

/// Reads all of `field`.
pub(super) fn read(field: &[u8]) -> Result<Params, Fault> {
    if field.len() > MAX_FIELD {
        return Err(Fault::TooLarge);
    }
    let mut input = Input { bytes: field, at: 0 };
    let mut params = Params::default();
    let mut names: Vec<&[u8]> = Vec::with_capacity(8);
    input.skip_separators();
    while !input.is_done() {
        if names.len() == MAX_PARAMS {
            return Err(Fault::TooLarge);
        }
        let start = input.at;
        let name = input.token()?;
        if names.contains(&name) {
            return Err(Fault::Duplicate(start));
        }
        names.push(name);
        input.skip_space();
        input.expect(b'=')?;
        input.skip_space();
        let value = if input.peek() == Some(b'"') { input.quoted()? } else { input.token()?.to_vec() };
        let place = match name {
            b"keyId" => Some(&mut params.key_id),
            b"algorithm" => Some(&mut params.algorithm),
            b"headers" => Some(&mut params.headers),
            b"signature" => Some(&mut params.signature),
            b"created" => Some(&mut params.created),
            b"expires" => Some(&mut params.expires),
            _ => None,
        };
        if let Some(place) = place {
            *place = Some(String::from_utf8(value).map_err(|_| Fault::Syntax(start))?);
        }
        input.skip_space();
        if !input.is_done() {
            input.expect(b',')?;
            input.skip_separators();
        }
    }
    Ok(params)
}

struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn is_done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn skip(&mut self, wanted: impl Fn(u8) -> bool) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|b| !wanted(*b)).unwrap_or(rest.len());
    }

    fn skip_space(&mut self) {
        self.skip(|b| matches!(b, b' ' | b'\t'));
    }

    fn skip_separators(&mut self) {
        self.skip(|b| matches!(b, b' ' | b'\t' | b','));
    }

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.peek() != Some(byte) {
            return Err(Fault::Syntax(self.at));
        }
        self.at += 1;
        Ok(())
    }

    fn token(&mut self) -> Result<&'a [u8], Fault> {
        let start = self.at;
        self.skip(is_token);
        self.bytes.get(start..self.at).filter(|token| !token.is_empty()).ok_or(Fault::Syntax(start))
    }

    /// A quoted-string with its escapes undone (RFC 9110 section 5.6.4).
    fn quoted(&mut self) -> Result<Vec<u8>, Fault> {
        self.expect(b'"')?;
        let mut out = Vec::new();
        loop {
            // Runs of plain bytes are copied whole.
            let start = self.at;
            self.skip(|b| !matches!(b, b'"' | b'\\') && is_text(b));
            out.extend_from_slice(self.bytes.get(start..self.at).unwrap_or_default());
            let byte = self.peek();
            self.at += 1;
            match byte {
                Some(b'"') => return Ok(out),
                Some(b'\\') => {
                    let escaped = self.peek().filter(|b| is_text(*b)).ok_or(Fault::Syntax(self.at))?;
                    out.push(escaped);
                    self.at += 1;
                }
                _ => return Err(Fault::Syntax(self.at - 1)),
            }
        }
    }
}

/// A character of a token (RFC 9110 section 5.6.2).
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

/// What may stand in a field value: visible characters, spaces, tabs and bytes from 0x80 on.
pub(super) fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_id(field: &str) -> Result<Option<String>, Fault> {
        read(field.as_bytes()).map(|params| params.key_id)
    }

    #[test]
    fn spaces_bare_values_unknown_names_and_empty_elements_are_read() {
        let params =
            read(b" , keyId = \"k\" ,,\tcreated=17 , future=\"\\\"x,y\\\"\" ,algorithm=hs2019,").unwrap();
        assert_eq!(params.key_id.as_deref(), Some("k"));
        assert_eq!(params.created.as_deref(), Some("17"));
        assert_eq!(params.algorithm.as_deref(), Some("hs2019"));
    }

    #[test]
    fn escapes_are_undone_and_commas_belong_to_the_value() {
        assert_eq!(key_id(r#"keyId="a\"b\\c,d=e""#), Ok(Some(r#"a"b\c,d=e"#.into())));
    }

    #[test]
    fn a_name_that_comes_twice_is_refused_also_an_unknown_one() {
        assert_eq!(key_id(r#"keyId="a",keyId="a""#), Err(Fault::Duplicate(10)));
        assert_eq!(key_id("x=1,keyId=a,x=1"), Err(Fault::Duplicate(12)));
    }

    #[test]
    fn names_are_case_sensitive() {
        assert_eq!(key_id(r#"keyid="a""#), Ok(None));
    }

    #[test]
    fn what_is_no_list_of_parameters_is_refused_where_it_breaks() {
        for (bad, at) in [
            ("keyId", 5),
            ("keyId=", 6),
            ("=a", 0),
            ("keyId=\"a", 8),
            ("keyId=\"a\\", 9),
            ("keyId=\"a\nb\"", 8),
            ("keyId=\"a\"b", 9),
            ("keyId=\"a\" algorithm=b", 10),
            ("keyId=a/b", 7),
            ("sig1=:AAAA:", 5),
        ] {
            assert_eq!(key_id(bad), Err(Fault::Syntax(at)), "{bad}");
        }
    }

    #[test]
    fn the_field_and_its_list_are_bounded() {
        let names = |n: usize| (0..n).map(|i| format!("p{i}=1")).collect::<Vec<_>>().join(",");
        assert!(read(names(32).as_bytes()).is_ok());
        assert_eq!(read(names(33).as_bytes()), Err(Fault::TooLarge));
        assert_eq!(read(&vec![b' '; MAX_FIELD + 1]), Err(Fault::TooLarge));
    }
}
