//! Signing in step by step, and the pages of one's own account.

use gateway_ui::qr::Qr;
use gateway_ui::vm::*;
use gateway_ui::{Lang, markdown};

use super::*;

const URI: &str =
    "otpauth://totp/Acme%20Support:emma%40acme.test?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acme%20Support";

type Page = (&'static str, Result<String, gateway_ui::RenderError>);

pub(super) fn all(lang: Lang) -> Vec<Page> {
    let mut pages = Vec::new();
    for part in [factors, set_up, recovery, step_up, passwords, addresses, entries, security, tokens, standings] {
        pages.extend(part(lang));
    }
    pages
}

fn portal(lang: Lang, here: &str) -> Chrome {
    chrome(Surface::Portal, lang, here)
}

fn factors(lang: Lang) -> Vec<Page> {
    let page = |totp, passkey, fault| SecondFactorPage {
        chrome: bare(Surface::Portal, lang, "/second-factor"),
        action: "/second-factor".to_owned(),
        next: "/tickets".to_owned(),
        totp,
        passkey,
        recovery: true,
        fault,
    };
    vec![
        ("factor", page(true, true, None).render()),
        ("factor-missing", page(true, false, Some(ProofFault::Missing)).render()),
        ("factor-wrong", page(true, false, Some(ProofFault::WrongCode)).render()),
        ("factor-wrong-recovery", page(true, false, Some(ProofFault::WrongRecoveryCode)).render()),
        ("factor-limited", page(true, false, Some(ProofFault::RateLimited(30))).render()),
        ("factor-passkey", page(false, true, None).render()),
        ("factor-passkey-failed", page(false, true, Some(ProofFault::Passkey)).render()),
    ]
}

fn set_up(lang: Lang) -> Vec<Page> {
    let page = |forced, step, fault| SetUpMfaPage {
        chrome: if forced { bare(Surface::Portal, lang, "/set-up-mfa") } else { portal(lang, "/set-up-mfa") },
        action: "/set-up-mfa".to_owned(),
        next: String::new(),
        forced,
        step,
        fault,
    };
    let scan = || SetUpStep::Scan {
        secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP".to_owned(),
        uri: URI.to_owned(),
        qr: Qr::of(URI),
    };
    vec![
        ("setup-forced", page(true, SetUpStep::Why, None).render()),
        ("setup-chosen", page(false, SetUpStep::Why, None).render()),
        ("setup-scan", page(true, scan(), None).render()),
        ("setup-scan-chosen", page(false, scan(), None).render()),
        ("setup-wrong", page(true, scan(), Some(ProofFault::WrongCode)).render()),
        ("setup-unavailable", page(true, SetUpStep::Why, Some(ProofFault::Unavailable)).render()),
    ]
}

fn recovery(lang: Lang) -> Vec<Page> {
    let codes: Vec<String> = (0..10).map(|n| format!("{n}K7M-9QXA-VT2C-H4WD-{n}R8P-JB6E")).collect();
    let page = |state| RecoveryCodesPage {
        chrome: portal(lang, "/account/recovery-codes"),
        next: "/account/security".to_owned(),
        state,
    };
    let shown = |unticked| RecoveryState::Codes {
        codes: codes.clone(),
        action: "/account/recovery-codes/saved".to_owned(),
        unticked,
    };
    let confirm = RecoveryState::Confirm { action: "/account/recovery-codes".to_owned(), left: 2 };
    vec![
        ("recovery-codes", page(shown(false)).render()),
        ("recovery-unticked", page(shown(true)).render()),
        ("recovery-confirm", page(confirm).render()),
    ]
}

fn step_up(lang: Lang) -> Vec<Page> {
    let page = |totp, passkey, fault| StepUpPage {
        login: "emma@acme.test".to_owned(),
        chrome: portal(lang, "/step-up"),
        action: "/step-up".to_owned(),
        next: "/account/security".to_owned(),
        totp,
        passkey,
        fault,
    };
    vec![
        ("step-up-password", page(false, false, None).render()),
        ("step-up-wrong-password", page(false, false, Some(ProofFault::WrongPassword)).render()),
        ("step-up-code", page(true, true, None).render()),
        ("step-up-wrong-code", page(true, false, Some(ProofFault::WrongCode)).render()),
        ("step-up-passkey", page(false, true, None).render()),
    ]
}

fn passwords(lang: Lang) -> Vec<Page> {
    let forgot = |state, help_contact: &str| ForgotPasswordPage {
        chrome: bare(Surface::Portal, lang, "/forgot-password"),
        action: "/forgot-password".to_owned(),
        sign_in_url: "/sign-in".to_owned(),
        login: String::new(),
        help_contact: help_contact.to_owned(),
        state,
    };
    let change = |forced, fault| ChangePasswordPage {
        login: "emma@acme.test".to_owned(),
        chrome: if forced { bare(Surface::Portal, lang, "/change-password") } else { portal(lang, "/change-password") },
        action: "/change-password".to_owned(),
        next: String::new(),
        forced,
        min_length: 15,
        fault,
    };
    let reset = |state| SetPasswordPage {
        chrome: bare(Surface::Portal, lang, "/reset"),
        purpose: SetPasswordPurpose::Reset,
        state,
    };
    let form = |fault| SetPasswordState::Form {
        login: "emma@acme.test".to_owned(),
        action: "/reset".to_owned(),
        token: "sample-reset".to_owned(),
        min_length: 15,
        fault,
    };
    vec![
        ("forgot", forgot(ForgotState::Form, "helpdesk@operator.test").render()),
        ("forgot-sent", forgot(ForgotState::Sent, "").render()),
        ("forgot-missing", forgot(ForgotState::Missing, "").render()),
        ("forgot-limited", forgot(ForgotState::RateLimited(60), "").render()),
        ("forgot-unavailable", forgot(ForgotState::Unavailable, "").render()),
        ("reset", reset(form(None)).render()),
        ("reset-short", reset(form(Some(PasswordFault::TooShort(15)))).render()),
        ("reset-unusable", reset(SetPasswordState::Unusable { sign_in_url: "/forgot-password".to_owned() }).render()),
        ("change-forced", change(true, None).render()),
        ("change-chosen", change(false, None).render()),
        ("change-wrong", change(false, Some(ChangeFault::Current)).render()),
        ("change-short", change(true, Some(ChangeFault::New(PasswordFault::TooShort(15)))).render()),
        ("change-mismatch", change(false, Some(ChangeFault::New(PasswordFault::Mismatch))).render()),
    ]
}

fn addresses(lang: Lang) -> Vec<Page> {
    let change = |fault| LoginChangePage {
        chrome: portal(lang, "/account/login-change"),
        action: "/account/login-change".to_owned(),
        back_url: "/account/security".to_owned(),
        current: "emma@acme.test".to_owned(),
        typed: if fault == Some(AddressFault::NoAddress) { "emma".to_owned() } else { String::new() },
        fault,
    };
    let confirm = |token: Option<&str>| ConfirmLoginPage {
        chrome: bare(Surface::Portal, lang, "/confirm-login"),
        action: "/confirm-login".to_owned(),
        token: token.map(str::to_owned),
        sign_in_url: "/sign-in".to_owned(),
    };
    vec![
        ("login-change", change(None).render()),
        ("login-change-no-address", change(Some(AddressFault::NoAddress)).render()),
        ("login-change-taken", change(Some(AddressFault::Taken)).render()),
        ("confirm-login", confirm(Some("sample-change")).render()),
        ("confirm-login-unusable", confirm(None).render()),
    ]
}

fn entries(lang: Lang) -> Vec<Page> {
    let text = "Use the portal **fairly**.\n\n# What we keep\n\n- what you write\n- when you sign in";
    let terms = |forced: bool, text: Option<&str>| TermsPage {
        chrome: if forced { bare(Surface::Portal, lang, "/terms") } else { portal(lang, "/terms") },
        text: text.map(markdown::render),
        action: forced.then(|| "/terms".to_owned()),
        version: 3,
        next: String::new(),
    };
    let link = |state| CompanyLinkPage {
        chrome: bare(Surface::Portal, lang, "/link/sample"),
        sign_in_url: "/sign-in".to_owned(),
        state,
    };
    let go_on = |company: &str| LinkState::Continue { action: "/link/sample".to_owned(), company: company.to_owned() };
    vec![
        ("terms-accept", terms(true, Some(text)).render()),
        ("terms-read", terms(false, Some(text)).render()),
        ("terms-none", terms(false, None).render()),
        ("link-continue", link(go_on("Acme srl")).render()),
        ("link-continue-nameless", link(go_on("")).render()),
        ("link-sign-in", link(LinkState::SignInInstead).render()),
        ("link-unusable", link(LinkState::Unusable).render()),
    ]
}

fn happened(lang: Lang) -> Vec<OwnActivity> {
    let entry = |kind: &str, minutes, actor: &str| OwnActivity {
        kind: kind.to_owned(),
        at: at(minutes, lang),
        network: "192.0.2.0/24".to_owned(),
        browser: "Firefox on Linux".to_owned(),
        actor: actor.to_owned(),
    };
    vec![
        entry("logged_in", 12, ""),
        entry("login_failed", 14, ""),
        entry("support_access_started", 600, "Ada Agent"),
        entry("password_set", 4000, ""),
        OwnActivity { network: String::new(), browser: String::new(), ..entry("something_new", 9000, "") },
    ]
}

fn security(lang: Lang) -> Vec<Page> {
    let session = |browser: &str, current, support, minutes| OwnSession {
        browser: browser.to_owned(),
        network: "192.0.2.0/24".to_owned(),
        since: Some(at(minutes + 90, lang)),
        last_seen: Some(at(minutes, lang)),
        current,
        support,
        end_url: (!current).then(|| format!("/account/sessions/{minutes}/end")),
    };
    let passkey = OwnPasskey {
        name: "Work laptop".to_owned(),
        created: Some(at(40_000, lang)),
        last_used: Some(at(30, lang)),
        remove_url: "/account/passkeys/1/remove".to_owned(),
    };
    let nameless = OwnPasskey {
        name: String::new(),
        last_used: None,
        remove_url: "/account/passkeys/2/remove".to_owned(),
        ..passkey.clone()
    };
    let full = SecurityPage {
        chrome: Chrome { flash: Flash::of("factor_added", lang), ..portal(lang, "/account/security") },
        base: String::new(),
        login: "emma@acme.test".to_owned(),
        login_is_email: true,
        pending_email: "emma.rossi@acme.test".to_owned(),
        password_set: Some(at(50_000, lang)),
        has_password: true,
        totp: true,
        passkeys: vec![passkey, nameless],
        recovery_left: 2,
        mfa_required: false,
        sessions: vec![
            session("Firefox on Linux", true, false, 0),
            session("Safari on iPhone", false, false, 300),
            session("", false, true, 20),
        ],
        tokens: Some(2),
        activity: happened(lang),
    };
    let plain = SecurityPage {
        chrome: portal(lang, "/account/security"),
        login: "warehouse".to_owned(),
        login_is_email: false,
        pending_email: String::new(),
        password_set: None,
        totp: false,
        passkeys: Vec::new(),
        recovery_left: 0,
        sessions: vec![session("Firefox on Linux", true, false, 0)],
        tokens: None,
        activity: Vec::new(),
        ..full.clone()
    };
    let required = SecurityPage {
        chrome: chrome(Surface::Console, lang, "/console/account/security"),
        base: "/console".to_owned(),
        mfa_required: true,
        has_password: false,
        password_set: None,
        passkeys: Vec::new(),
        recovery_left: 10,
        tokens: Some(0),
        sessions: Vec::new(),
        ..full.clone()
    };
    let activity = |entries| ActivityPage {
        chrome: portal(lang, "/account/activity"),
        back_url: "/account/security".to_owned(),
        entries,
        pager: Pager { next_url: Some("/account/activity?cursor=x".to_owned()), first_url: None },
    };
    vec![
        ("security", full.render()),
        ("security-plain", plain.render()),
        ("security-console", required.render()),
        ("activity", activity(happened(lang)).render()),
        ("activity-empty", activity(Vec::new()).render()),
    ]
}

fn tokens(lang: Lang) -> Vec<Page> {
    let token = |name: &str, scopes: &[&str], used: bool| OwnToken {
        name: name.to_owned(),
        hint: "x7Qd".to_owned(),
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        expires: Some(at(-90_000, lang)),
        last_used: used.then(|| at(15, lang)),
        revoke_url: format!("/account/api-tokens/{name}/revoke"),
    };
    let page = |tokens, fault, made| ApiTokensPage {
        chrome: chrome(Surface::Console, lang, "/console/account/api-tokens"),
        back_url: "/console/account/security".to_owned(),
        action: "/console/account/api-tokens".to_owned(),
        tokens,
        name: if fault == Some(TokenFault::Days) { "Nightly export".to_owned() } else { String::new() },
        scopes: vec!["read".to_owned()],
        days: "90".to_owned(),
        offers_admin: true,
        made,
        fault,
    };
    let some = || vec![token("export", &["read"], true), token("sync", &["read", "write"], false)];
    let made = ("export".to_owned(), "pat_sample".to_owned());
    vec![
        ("tokens", page(some(), None, None).render()),
        ("tokens-made", page(some(), None, Some(made)).render()),
        ("tokens-empty", ApiTokensPage { offers_admin: false, ..page(Vec::new(), None, None) }.render()),
        ("tokens-no-name", page(some(), Some(TokenFault::Name), None).render()),
        ("tokens-no-scope", page(some(), Some(TokenFault::Scopes), None).render()),
        ("tokens-no-days", page(some(), Some(TokenFault::Days), None).render()),
    ]
}

fn standings(lang: Lang) -> Vec<Page> {
    let home = |standing| HomePage {
        chrome: Chrome { security_url: None, standing: Some(standing), ..portal(lang, "/") },
        home: super::portal::bare_home(None),
    };
    let support = |read_only| Standing::Support {
        name: "Emma Rossi".to_owned(),
        read_only,
        stop_url: "/impersonation/end".to_owned(),
    };
    let link = Standing::Link { company: "Acme srl".to_owned(), sign_in_url: "/sign-in".to_owned() };
    vec![
        ("home-support", home(support(true)).render()),
        ("home-support-write", home(support(false)).render()),
        ("home-link", home(link).render()),
    ]
}
