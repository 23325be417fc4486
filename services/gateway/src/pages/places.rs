//! Where the forms are: for every address that takes one, the pages that show it.

use crate::{http::request::Asked, pages::ask::Look};
use Place::{Everywhere, On, Own, Step};
use gateway_ui::query::encode;

/// Where a form stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// On the page of its own address.
    Own,
    /// On one of these pages; the first where the browser doesn't say which.
    On(&'static [&'static str]),
    /// A step of a login: afterwards it goes on to where the person wanted to.
    Step,
    /// Everywhere: nothing is typed into it.
    Everywhere,
}

const CONTACT: Place = On(&["/modules/contacts/{id}"]);
const SECURITY: Place = On(&["/account/security"]);
const AGENT: Place = On(&["/agents/{id}"]);

/// By the routes' patterns, without the console's beginning.
const PLACES: &[(&str, Place)] = &[
    ("/sign-in", Own),
    ("/sign-in/passkey", On(&["/sign-in"])),
    ("/sign-out", Everywhere),
    ("/invitation", Own),
    ("/forgot-password", Own),
    ("/reset", Own),
    ("/confirm-login", Own),
    ("/second-factor", Step),
    ("/set-up-mfa", Step),
    ("/change-password", Own),
    ("/terms", Step),
    ("/step-up", Step),
    ("/account/sessions/end-others", SECURITY),
    ("/account/sessions/{id}/end", SECURITY),
    ("/account/totp/remove", SECURITY),
    ("/account/passkeys", SECURITY),
    ("/account/passkeys/{id}/remove", SECURITY),
    ("/account/recovery-codes", Own),
    ("/account/recovery-codes/saved", SECURITY),
    ("/account/login-change", Own),
    ("/account/api-tokens", Own),
    ("/account/api-tokens/{id}/revoke", On(&["/account/api-tokens"])),
    ("/session/extend", Everywhere),
    ("/link/{token}", Own),
    ("/impersonation/end", Everywhere),
    ("/modules/{module}/new", Own),
    ("/modules/{module}/{id}/edit", On(&["/modules/{module}/{id}/edit", "/modules/{module}/{id}"])),
    ("/modules/{module}/{id}/comments", On(&["/modules/{module}/{id}"])),
    ("/modules/{module}/{id}/comments/{comment}", On(&["/modules/{module}/{id}"])),
    ("/modules/{module}/{id}/comments/{comment}/remove", On(&["/modules/{module}/{id}"])),
    ("/modules/{module}/{id}/unread", On(&["/modules/{module}/{id}"])),
    ("/modules/{module}/{id}/delete", On(&["/modules/{module}/{id}"])),
    ("/modules/{module}/{id}/restore", On(&["/modules/{module}/{id}"])),
    ("/modules/{module}/change", On(&["/modules/{module}"])),
    ("/modules/{module}/change/undo", On(&["/modules/{module}"])),
    ("/contacts/{id}/access", CONTACT),
    ("/contacts/{id}/dates", CONTACT),
    ("/contacts/{id}/disable", CONTACT),
    ("/contacts/{id}/invitation", CONTACT),
    ("/contacts/{id}/unlock", CONTACT),
    ("/contacts/{id}/profile", CONTACT),
    ("/contacts/{id}/manual", CONTACT),
    ("/contacts/{id}/invitation/revoke", CONTACT),
    ("/contacts/{id}/suspend", CONTACT),
    ("/contacts/{id}/resume", CONTACT),
    ("/contacts/{id}/login", CONTACT),
    ("/contacts/{id}/email-from-login", CONTACT),
    ("/contacts/{id}/close-records", CONTACT),
    ("/contacts/{id}/reset-link", CONTACT),
    ("/contacts/{id}/one-time-password", CONTACT),
    ("/contacts/{id}/mfa", CONTACT),
    ("/contacts/{id}/mfa/reset", CONTACT),
    ("/contacts/{id}/impersonate", CONTACT),
    ("/contacts/{id}/sessions/end", On(&["/contacts/{id}/sessions"])),
    ("/companies/{id}/link", On(&["/modules/companies/{id}"])),
    ("/companies/{id}/link/revoke", On(&["/modules/companies/{id}"])),
    ("/companies/{id}/portal-users/new", Own),
    ("/trusts/revoke", On(&["/trusts"])),
    ("/agents/new", Own),
    ("/agents/{id}/change", AGENT),
    ("/agents/{id}/disable", AGENT),
    ("/agents/{id}/enable", AGENT),
    ("/agents/{id}/reset-link", AGENT),
    ("/agents/{id}/one-time-password", AGENT),
    ("/agents/{id}/mfa", AGENT),
    ("/agents/{id}/mfa/reset", AGENT),
    ("/agents/{id}/sessions/end", AGENT),
    ("/agents/{id}/tokens", Own),
    ("/roles/new", Own),
    ("/roles/{id}", Own),
    ("/roles/{id}/delete", On(&["/roles/{id}"])),
    ("/groups/new", Own),
    ("/groups/{id}", Own),
    ("/groups/{id}/delete", On(&["/groups/{id}"])),
    ("/api-tokens/{id}/revoke", On(&["/api-tokens"])),
    ("/settings/security", Own),
    ("/bulk/new", Own),
    ("/bulk/{id}/cancel", On(&["/bulk/{id}"])),
    ("/locked-users", Own),
    ("/deliveries/{id}/resend", On(&["/deliveries"])),
];

fn front(path: &str) -> &str {
    path.strip_prefix("/console").unwrap_or(path)
}

fn place_of(route: &str) -> Option<Place> {
    PLACES.iter().find(|(pattern, _)| *pattern == front(route)).map(|(_, place)| *place)
}

/// The patterns of the pages that show the form of a route; none where no page is its own.
#[cfg(test)]
pub(crate) fn pages_of(route: &str) -> Option<Vec<String>> {
    let base = if front(route).len() == route.len() { "" } else { "/console" };
    Some(match place_of(route)? {
        Own => vec![route.to_owned()],
        On(pages) => pages.iter().map(|page| format!("{base}{page}")).collect(),
        Step | Everywhere => Vec::new(),
    })
}

/// A pattern with the parts of a path in its places.
fn fill(pattern: &str, route: &str, path: &str) -> String {
    let values: Vec<(&str, &str)> = route.split('/').zip(path.split('/')).filter(|(r, _)| r.starts_with('{')).collect();
    let part = |part: &str| values.iter().find(|(name, _)| *name == part).map_or(part, |(_, value)| *value).to_owned();
    pattern.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The page with the form that was sent, to come back to. `posted` reads a hidden field of the form.
pub(crate) fn page_of<'a>(asked: &Asked, look: &Look, posted: impl Fn(&str) -> &'a str) -> String {
    let path = asked.uri.path();
    let from = |page: &str| look.referer.as_deref().filter(|r| r.split('?').next() == Some(page)).map(str::to_owned);
    match place_of(&asked.route) {
        Some(Own) if !posted("token").is_empty() && !asked.route.contains("{token}") => {
            format!("{path}?token={}", encode(posted("token")))
        }
        Some(Own) => from(path).unwrap_or_else(|| path.to_owned()),
        Some(On(pages)) => {
            let all: Vec<String> =
                pages.iter().map(|p| format!("{}{}", look.base(), fill(p, front(&asked.route), front(path)))).collect();
            all.iter().find_map(|page| from(page)).or(all.into_iter().next()).unwrap_or_default()
        }
        Some(Step) => posted("next").to_owned(),
        Some(Everywhere) | None => look.referer.clone().unwrap_or_default(),
    }
}
