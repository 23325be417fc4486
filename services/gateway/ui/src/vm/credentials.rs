//! Somebody's password and second factors, as agents see and change them: of contacts and of other agents alike.

use super::console::{
    Faults, Form, Part, Section, Submit, Tone,
    make::{self, FieldWith, fact},
};
use super::form::Control;
use super::shown::Shown;
use crate::Lang;
use crate::fmt::Stamp;

/// A one-time password that was not used.
#[derive(Debug, Clone)]
pub struct OneTime {
    /// Its end.
    pub until: Stamp,
    /// It has ended.
    pub expired: bool,
}

impl OneTime {
    /// What there is to know of it, and what to do when it has ended.
    pub(crate) fn part(&self, lang: Lang) -> Part {
        match self.expired {
            true => Part::Note(Tone::Warning, lang.t1("one-time-expired", "time", &self.until.text)),
            false => Part::Note(Tone::Info, lang.t1("one-time-waits", "time", &self.until.text)),
        }
    }
}

/// The names of second factors.
pub(crate) fn factors(lang: Lang, factors: &[String]) -> Shown {
    let names: Vec<_> = factors
        .iter()
        .map(|factor| match factor.as_str() {
            "totp" => lang.t("mfa-factor-totp"),
            "passkey" => lang.t("mfa-factor-passkey"),
            "recovery_code" => lang.t("mfa-factor-recovery-code"),
            other => other.to_owned(),
        })
        .collect();
    if names.is_empty() { Shown::Text(lang.t("mfa-factor-none")) } else { Shown::Text(names.join(", ")) }
}

/// Reset link and one-time password of somebody.
pub(crate) fn password_section(
    lang: Lang,
    (name, login): (&str, &str),
    url: &dyn Fn(&str) -> String,
    by_mail: bool,
    faults: &Faults,
) -> Section {
    let mut parts = Vec::new();
    if by_mail {
        let link = Form::new("reset-link", url("reset-link"), lang.t("password-send-link"), "send");
        parts.push(Part::Text(lang.t("password-send-link-hint")));
        parts.push(Part::Buttons(vec![link]));
    } else {
        parts.push(Part::Note(Tone::Info, lang.t("password-no-link")));
    }
    let field = make::field("one_time_password", lang.t("one-time-label"), Control::Password, faults)
        .hint(lang.t("one-time-hint"));
    // Says whose password it is: the password manager of the agent who sets it must not keep it as their own.
    let whose = make::username("username", lang.t("access-login"), login, true, faults);
    let mut once = Form::new("one-time", url("one-time-password"), lang.t("one-time-set"), "key-round");
    once = once.fields(vec![whose, field]);
    once.lead = lang.t1("one-time-lead", "name", name);
    once.fault.clone_from(&faults.whole);
    parts.push(Part::Form(Box::new(once)));
    Section::new("password", lang.t("password-title"), "key-round", parts).folded()
}

/// Whether a second factor is required, which there are, and taking them away.
pub(crate) fn mfa_section(
    lang: Lang,
    (required, present): (bool, &[String]),
    url: &dyn Fn(&str) -> String,
    faults: &Faults,
) -> Section {
    let mut box_ = make::check("mfa_required", lang.t("mfa-required"), required, &Faults::default());
    box_.hint = lang.t("mfa-required-hint");
    let require = Form::new("mfa", url("mfa"), lang.t("mfa-save"), "shield-check").fields(vec![box_]);
    let mut parts =
        vec![Part::Facts(vec![fact(lang.t("agent-factors"), factors(lang, present))]), Part::Form(Box::new(require))];
    if !present.is_empty() {
        let reason =
            make::text("mfa_reason", lang.t("mfa-reason"), "", 500, faults).hint(lang.t("reason-hint")).required();
        let mut reset =
            Form::new("mfa-reset", url("mfa/reset"), lang.t("mfa-reset"), "rotate-ccw").fields(vec![reason]);
        reset.lead = lang.t("mfa-reset-lead");
        reset.kind = Submit::Danger;
        reset.fault.clone_from(&faults.whole);
        parts.push(Part::Form(Box::new(reset)));
    }
    Section::new("mfa", lang.t("mfa-title"), "shield-check", parts).folded()
}
