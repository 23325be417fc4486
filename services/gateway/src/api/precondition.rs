//! `ETag`, `If-Match` and `If-None-Match`.

use http::{HeaderMap, HeaderName, header};
use kernel::{Code, Error};

/// How often a change whatever the version is tried when others change the same at the same time.
const TRIES: usize = 3;

/// Which versions a change is meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// `*`: whichever is there.
    Any,
    /// Any of these; empty when every tag was a weak one, which never matches.
    Versions(Vec<i64>),
}

/// A tag as it stands in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tag<'a> {
    weak: bool,
    text: &'a str,
}

/// What `If-Match` says; 428 without one.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<IfMatch, Error> {
    let bad = || Error::invalid_field("If-Match", "not_an_etag", "This is not an ETag that we gave.");
    let lines = lines(headers, &header::IF_MATCH).ok_or_else(bad)?;
    match lines.trim() {
        "" => Err(Error::new(
            Code::Precondition,
            "if_match_required",
            "Please send If-Match with the ETag of the version that you saw.",
        )),
        "*" => Ok(IfMatch::Any),
        list => {
            let tags = tags(list).ok_or_else(bad)?;
            let strong: Vec<i64> = tags.iter().filter(|t| !t.weak).filter_map(|t| t.text.parse().ok()).collect();
            // A weak tag may be of ours and never matches; a strong one that we never gave is a mistake worth its name.
            match strong.is_empty() && tags.iter().any(|t| !t.weak) {
                true => Err(bad()),
                false => Ok(IfMatch::Versions(strong)),
            }
        }
    }
}

/// Whether `If-None-Match` names this version: then there is nothing new. Weak tags count here.
pub(crate) fn is_known(headers: &HeaderMap, version: i64) -> bool {
    let Some(lines) = lines(headers, &header::IF_NONE_MATCH) else { return false };
    let version = version.to_string();
    lines.trim() == "*" || tags(&lines).is_some_and(|tags| tags.iter().any(|t| t.text == version))
}

/// The `ETag` of a version.
pub(crate) fn etag(version: i64) -> [(HeaderName, String); 1] {
    [(header::ETAG, format!("\"{version}\""))]
}

/// All lines of a header as one list; none when it is no text.
fn lines(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let all: Result<Vec<&str>, _> = headers.get_all(name).iter().map(|v| v.to_str()).collect();
    all.ok().map(|all| all.join(","))
}

/// The tags of a list; none when it is no list of tags. A version alone is taken without its quotes.
fn tags(list: &str) -> Option<Vec<Tag<'_>>> {
    let mut rest = list.trim();
    let mut tags = Vec::new();
    while !rest.is_empty() {
        let (weak, after) = rest.strip_prefix("W/").map_or((false, rest), |after| (true, after));
        let end = match after.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.find('"')?;
                tags.push(Tag { weak, text: &quoted[..end] });
                &quoted[end + 1..]
            }
            None => {
                let end = after.find(',').unwrap_or(after.len());
                let text = after[..end].trim();
                text.parse::<i64>().ok()?;
                tags.push(Tag { weak, text });
                &after[end..]
            }
        };
        rest = end.trim_start();
        if !rest.is_empty() {
            rest = rest.strip_prefix(',')?.trim_start();
        }
    }
    (!tags.is_empty()).then_some(tags)
}

/// Makes a change that expects a version. One tag is simply passed on; for `*` and lists what is there now is asked for
/// first.
pub(crate) async fn change<T, C, Current, A, Acting>(wanted: IfMatch, current: C, act: A) -> Result<T, Error>
where
    C: Fn() -> Current,
    Current: Future<Output = Result<i64, Error>>,
    A: Fn(i64) -> Acting,
    Acting: Future<Output = Result<T, Error>>,
{
    let versions = match wanted {
        IfMatch::Versions(versions) => versions,
        IfMatch::Any => {
            for _ in 1..TRIES {
                match act(current().await?).await {
                    Err(error) if error.reason == "stale_version" => {}
                    other => return other,
                }
            }
            return act(current().await?).await;
        }
    };
    match versions.as_slice() {
        [one] => act(*one).await,
        several => {
            let now = current().await?;
            match several.iter().find(|v| **v == now).or(several.first()) {
                Some(version) => act(*version).await,
                None => Err(Error::new(
                    Code::Precondition,
                    "stale_version",
                    "A weak ETag never matches; please send the ETag as it was given.",
                )),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(lines: &[&str]) -> Result<IfMatch, Error> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::IF_MATCH, line.parse().unwrap());
        }
        if_match(&headers)
    }

    #[test]
    fn if_match_takes_a_star_a_tag_and_lists_and_weak_tags_never_match() {
        let versions = |all: &[i64]| IfMatch::Versions(all.to_vec());
        assert_eq!(asked(&["*"]).unwrap(), IfMatch::Any);
        assert_eq!(asked(&["\"3\""]).unwrap(), versions(&[3]));
        assert_eq!(asked(&["3"]).unwrap(), versions(&[3]));
        assert_eq!(asked(&["\"3\", \"5\"", "\"7\""]).unwrap(), versions(&[3, 5, 7]));
        assert_eq!(asked(&["W/\"3\""]).unwrap(), versions(&[]));
        assert_eq!(asked(&["W/\"3\", \"4\""]).unwrap(), versions(&[4]));
        assert_eq!(asked(&["\"a,b\", \"4\""]).unwrap(), versions(&[4]));
        assert_eq!(asked(&[]).unwrap_err().reason, "if_match_required");
        for odd in ["\"abc\"", "abc", "\"3", "\"3\" \"4\"", "*, \"3\"", ",", "\"99999999999999999999\""] {
            assert_eq!(asked(&[odd]).unwrap_err().fields[0].code, "not_an_etag", "{odd}");
        }
    }

    #[test]
    fn if_none_match_takes_lists_and_weak_tags() {
        let known = |line: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, line.parse().unwrap());
            is_known(&headers, 3)
        };
        assert!(["\"3\"", "W/\"3\"", "\"2\", W/\"3\"", "*"].into_iter().all(known));
        assert!(!["\"2\"", "\"33\"", "nonsense"].into_iter().any(known));
    }
}
