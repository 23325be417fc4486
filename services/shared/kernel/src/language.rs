//! The languages of pages and mails.
//!
//! A new language is a line in [`Language::ALL`] and a folder of texts for each of pages (`gateway/ui/i18n`) and mails
//! (`notification/i18n`). How dates, numbers and plurals are written in it stands among these texts.

/// A language of pages and mails: an entry of [`Language::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Language {
    tag: &'static str,
    own_name: &'static str,
    direction: Direction,
}

/// Which way a language is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
}

impl Direction {
    /// The value of the attribute `dir`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Direction::Ltr => "ltr",
            Direction::Rtl => "rtl",
        }
    }
}

impl Language {
    /// English: the source of all texts, and what is shown where a text is missing.
    pub const ENGLISH: Language = Language { tag: "en", own_name: "English", direction: Direction::Ltr };

    /// Every language, in the order in which they are offered.
    pub const ALL: &'static [Language] = &[
        Language::ENGLISH,
        Language { tag: "it", own_name: "Italiano", direction: Direction::Ltr },
        Language { tag: "de", own_name: "Deutsch", direction: Direction::Ltr },
    ];

    /// The language of a tag such as `it`, `it-IT` or `IT_it`; `None` when there is none.
    pub fn from_tag(tag: &str) -> Option<Language> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().trim();
        Language::ALL.iter().copied().find(|language| language.tag.eq_ignore_ascii_case(primary))
    }

    /// Its tag, as in settings, cookies and the attribute `lang`.
    pub const fn tag(self) -> &'static str {
        self.tag
    }

    /// Its name in itself.
    pub const fn own_name(self) -> &'static str {
        self.own_name
    }

    /// Which way it is written.
    pub const fn direction(self) -> Direction {
        self.direction
    }
}

impl Default for Language {
    fn default() -> Language {
        Language::ENGLISH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_primary_subtags_and_each_names_one_language() {
        for (n, language) in Language::ALL.iter().enumerate() {
            let tag = language.tag();
            assert!((2..=3).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_lowercase()), "{tag}");
            assert!(!language.own_name().is_empty(), "{tag}");
            assert!(Language::ALL[..n].iter().all(|other| other.tag() != tag), "{tag} is there twice");
            for written in [tag.to_owned(), tag.to_uppercase(), format!("{tag}-XX"), format!(" {tag}_xx")] {
                assert_eq!(Language::from_tag(&written), Some(*language), "{written}");
            }
        }
        assert_eq!(Language::ALL.first(), Some(&Language::default()), "the source is offered first");
        assert_eq!(Language::from_tag(""), None);
        assert_eq!(Language::from_tag("xx"), None);
    }
}
