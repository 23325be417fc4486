//! The address of a list page: what is read from it, and the links that change one part and keep the rest.

use std::collections::BTreeMap;

/// What a list page is asked for. Parameters: `q`, `view`, `scope=mine`, `sort`, `f.<field>`, `cursor`; others are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Words that the title must contain.
    pub q: String,
    /// The name of a view; empty for the module's first one.
    pub view: String,
    /// Narrowed to the viewer's own.
    pub mine: bool,
    /// A field, with `-` in front for downwards; empty for the default.
    pub sort: String,
    /// Picklist field → value's key.
    pub filters: BTreeMap<String, String>,
    /// Where the page begins; empty for the first.
    pub cursor: String,
}

impl ListQuery {
    /// Reads a query string (without `?`). Never fails: what can't be read is left out. Empty values count as unset,
    /// because a form sends every field.
    pub fn parse(query: &str) -> Self {
        let mut read = Self::default();
        for (name, value) in pairs(query) {
            let value = value.trim().to_owned();
            if value.is_empty() {
                continue;
            }
            match name.as_str() {
                "q" => read.q = value,
                "view" => read.view = value,
                "scope" => read.mine = value == "mine",
                "sort" => read.sort = value,
                "cursor" => read.cursor = value,
                _ => {
                    if let Some(field) = name.strip_prefix("f.") {
                        read.filters.insert(field.to_owned(), value);
                    }
                }
            }
        }
        read
    }

    /// The address of this list page under a path.
    pub fn url(&self, path: &str) -> String {
        let mut parameters = Vec::new();
        let mut put = |name: String, value: &str| {
            if !value.is_empty() {
                parameters.push(format!("{}={}", encode(&name), encode(value)));
            }
        };
        put("q".to_owned(), &self.q);
        put("view".to_owned(), &self.view);
        put("scope".to_owned(), if self.mine { "mine" } else { "" });
        for (field, value) in &self.filters {
            put(format!("f.{field}"), value);
        }
        put("sort".to_owned(), &self.sort);
        put("cursor".to_owned(), &self.cursor);
        if parameters.is_empty() { path.to_owned() } else { format!("{path}?{}", parameters.join("&")) }
    }

    /// Whether search or filters are set.
    pub fn narrowed(&self) -> bool {
        !self.q.is_empty() || !self.filters.is_empty()
    }

    /// The list without search and filters, when any is set.
    pub fn clear_url(&self, path: &str) -> Option<String> {
        self.narrowed().then(|| {
            Self { q: String::new(), filters: BTreeMap::new(), cursor: String::new(), ..self.clone() }.url(path)
        })
    }
}

/// Names and values of a query string or of a posted form, decoded.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// A local address with one parameter set, replacing the one of that name.
pub fn with_parameter(here: &str, name: &str, value: &str) -> String {
    let here = here.split('#').next().unwrap_or_default();
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let mut parameters: Vec<String> = query
        .split('&')
        .filter(|part| !part.is_empty() && decode(part.split('=').next().unwrap_or_default()) != name)
        .map(str::to_owned)
        .collect();
    parameters.push(format!("{}={}", encode(name), encode(value)));
    format!("{path}?{}", parameters.join("&"))
}

/// Percent-encodes a name or value of a query string.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match (byte, hex_byte(bytes.get(at..at + 2))) {
            (b'+', _) => out.push(b' '),
            (b'%', Some(value)) => {
                out.push(value);
                at += 2;
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The byte that two hexadecimal digits make.
fn hex_byte(digits: Option<&[u8]>) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let &[high, low] = digits? else { return None };
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}
