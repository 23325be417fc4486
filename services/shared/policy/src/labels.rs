//! Texts in several languages.

use kernel::Language;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A text per language code (`en`, `it`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Labels(pub BTreeMap<String, String>);

impl Labels {
    /// Texts from pairs of language and text.
    pub fn of<const N: usize>(pairs: [(&str, &str); N]) -> Labels {
        Labels(pairs.into_iter().map(|(l, t)| (l.to_owned(), t.to_owned())).collect())
    }

    /// True when there is no text in any language.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text in a language; else in English; else in the first language there is.
    pub fn pick(&self, language: &str) -> Option<&str> {
        self.0
            .get(language)
            .or_else(|| self.0.get(Language::ENGLISH.tag()))
            .or_else(|| self.0.values().next())
            .map(String::as_str)
    }
}
