//! What each request that changes something asks of who makes it: the calls of the services that it leads to, and with
//! them how lately a person must have proved who they are. The services refuse; this table says it to programs (in the
//! OpenAPI document) and to tests, which walk every route: a new one without an entry fails them.

use proto::method::{METHODS, Proof};

/// Method, route, and the services' methods that the route calls to change something.
type Entry = (&'static str, &'static str, &'static [&'static str]);

/// The API, after `/api/v1`.
const CALLS: &[Entry] = &[
    ("POST", "/auth/login", &["Login"]),
    ("POST", "/auth/logout", &["Logout"]),
    ("POST", "/auth/invitations/accept", &["AcceptInvitation"]),
    ("POST", "/auth/mfa/verify", &["VerifyFactor"]),
    ("POST", "/auth/mfa/totp", &["BeginTotp"]),
    ("DELETE", "/auth/mfa/totp", &["RemoveTotp"]),
    ("POST", "/auth/mfa/totp/confirm", &["ConfirmTotp"]),
    ("POST", "/auth/mfa/recovery-codes", &["MakeRecoveryCodes"]),
    ("POST", "/auth/step-up", &["StepUp"]),
    ("POST", "/auth/passkeys/register/begin", &["BeginPasskey"]),
    ("POST", "/auth/passkeys/register/finish", &["FinishPasskey"]),
    ("POST", "/auth/passkeys/login/begin", &["BeginPasskeyLogin"]),
    ("POST", "/auth/passkeys/login/finish", &["FinishPasskeyLogin"]),
    ("DELETE", "/auth/passkeys/{id}", &["RemovePasskey"]),
    ("DELETE", "/auth/sessions", &["EndSession"]),
    ("DELETE", "/auth/sessions/{id}", &["EndSession"]),
    ("POST", "/auth/impersonation/end", &["Logout"]),
    ("POST", "/auth/password/forgot", &["RequestPasswordReset"]),
    ("POST", "/auth/password/reset", &["ResetPassword"]),
    ("POST", "/auth/password/change", &["ChangePassword"]),
    ("POST", "/auth/terms", &["AcceptTerms"]),
    ("POST", "/auth/login-change", &["RequestLoginChange"]),
    ("POST", "/auth/login-change/confirm", &["ConfirmLoginChange"]),
    ("POST", "/auth/api-tokens", &["CreateApiToken"]),
    ("DELETE", "/auth/api-tokens/{id}", &["RevokeApiToken"]),
    ("POST", "/auth/link/{token}", &["OpenCompanyLink"]),
    ("POST", "/modules/{module}/records", &["CreateRecord"]),
    ("PATCH", "/modules/{module}/records/{id}", &["UpdateRecord"]),
    ("DELETE", "/modules/{module}/records/{id}", &["DeleteRecord"]),
    ("POST", "/modules/{module}/records/{id}/restore", &["RestoreRecord"]),
    ("POST", "/modules/{module}/records/{id}/comments", &["AddComment"]),
    ("PATCH", "/modules/{module}/records/{id}/comments/{comment}", &["EditComment"]),
    ("DELETE", "/modules/{module}/records/{id}/comments/{comment}", &["RemoveComment"]),
    ("POST", "/modules/{module}/records/{id}/read", &["MarkRead"]),
    ("POST", "/modules/{module}/records/{id}/unread", &["MarkRead"]),
    ("POST", "/admin/contacts/{id}/portal-access", &["EnableAccess"]),
    ("PATCH", "/admin/contacts/{id}/portal-access", &["ChangeSupportDates"]),
    ("DELETE", "/admin/contacts/{id}/portal-access", &["DisableAccess"]),
    ("POST", "/admin/contacts/{id}/portal-access/invitation", &["ResendInvitation"]),
    ("DELETE", "/admin/contacts/{id}/portal-access/invitation", &["RevokeInvitation"]),
    ("POST", "/admin/contacts/{id}/portal-access/suspend", &["SuspendAccess"]),
    ("POST", "/admin/contacts/{id}/portal-access/resume", &["ResumeAccess"]),
    ("PUT", "/admin/contacts/{id}/portal-access/login", &["ChangeLogin"]),
    ("POST", "/admin/contacts/{id}/portal-access/reset-link", &["SendResetLink"]),
    ("POST", "/admin/contacts/{id}/portal-access/one-time-password", &["SetOneTimePassword"]),
    ("PUT", "/admin/contacts/{id}/portal-access/mfa", &["RequireMfa"]),
    ("POST", "/admin/contacts/{id}/portal-access/mfa/reset", &["ResetMfa"]),
    ("DELETE", "/admin/contacts/{id}/portal-access/sessions", &["EndUserSessions"]),
    ("DELETE", "/admin/contacts/{id}/portal-access/sessions/{session}", &["EndUserSessions"]),
    ("PUT", "/admin/contacts/{id}/profile", &["ChooseContactProfile"]),
    ("POST", "/admin/impersonate", &["BeginImpersonation"]),
    // With `dry_run` it changes nothing.
    ("POST", "/admin/portal-access/bulk", &["StartBulkAccess"]),
    ("POST", "/admin/portal-access/bulk/{id}/cancel", &["CancelBulkAccess"]),
    ("POST", "/admin/contacts/{id}/company-change/close", &["CloseToContact"]),
    ("POST", "/admin/companies/{id}/link", &["IssueCompanyLink"]),
    ("DELETE", "/admin/companies/{id}/link", &["RevokeCompanyLink"]),
    ("POST", "/admin/companies/{id}/portal-users", &["CreateRecord", "EnableAccess"]),
    ("POST", "/admin/locked-users/unlock", &["Unlock"]),
    ("DELETE", "/admin/trusts/{id}", &["RevokeTrust"]),
    ("POST", "/admin/deliveries/{id}/resend", &["ResendDelivery"]),
    ("POST", "/admin/agents", &["CreateAgent"]),
    ("PATCH", "/admin/agents/{id}", &["ChangeAgent"]),
    ("POST", "/admin/agents/{id}/disable", &["DisableAgent"]),
    ("POST", "/admin/agents/{id}/enable", &["EnableAgent"]),
    ("POST", "/admin/agents/{id}/reset-link", &["SendResetLink"]),
    ("POST", "/admin/agents/{id}/one-time-password", &["SetOneTimePassword"]),
    ("PUT", "/admin/agents/{id}/mfa", &["RequireMfa"]),
    ("POST", "/admin/agents/{id}/mfa/reset", &["ResetMfa"]),
    ("DELETE", "/admin/agents/{id}/sessions", &["EndUserSessions"]),
    ("DELETE", "/admin/agents/{id}/sessions/{session}", &["EndUserSessions"]),
    ("POST", "/admin/agents/{id}/api-tokens", &["CreateServiceToken"]),
    ("DELETE", "/admin/api-tokens/{id}", &["RevokeAnyApiToken"]),
    ("POST", "/admin/roles", &["DefineRole"]),
    ("PUT", "/admin/roles/{id}", &["DefineRole"]),
    ("DELETE", "/admin/roles/{id}", &["DeleteRole"]),
    ("POST", "/admin/groups", &["DefineGroup"]),
    ("PUT", "/admin/groups/{id}", &["DefineGroup"]),
    ("DELETE", "/admin/groups/{id}", &["DeleteGroup"]),
    ("PUT", "/admin/settings/security", &["ChangeSettings"]),
    ("PUT", "/admin/profiles/{id}", &["SaveDraft"]),
    ("POST", "/admin/profiles/{id}/publish", &["PublishProfile"]),
];

/// Forms, after the beginning that each front end has.
#[cfg(test)]
const FORMS: &[Entry] = &[
    ("POST", "/sign-in", &["Login"]),
    ("POST", "/sign-in/passkey", &["BeginPasskeyLogin", "FinishPasskeyLogin"]),
    ("POST", "/sign-out", &["Logout"]),
    ("POST", "/invitation", &["AcceptInvitation"]),
    ("POST", "/forgot-password", &["RequestPasswordReset"]),
    ("POST", "/reset", &["ResetPassword"]),
    ("POST", "/confirm-login", &["ConfirmLoginChange"]),
    ("POST", "/second-factor", &["VerifyFactor", "FinishPasskeyLogin"]),
    ("POST", "/set-up-mfa", &["BeginTotp", "ConfirmTotp", "BeginPasskey", "FinishPasskey"]),
    ("POST", "/change-password", &["ChangePassword"]),
    ("POST", "/terms", &["AcceptTerms"]),
    ("POST", "/step-up", &["StepUp", "FinishPasskeyLogin"]),
    ("POST", "/session/extend", &["CheckSession"]),
    ("POST", "/link/{token}", &["OpenCompanyLink"]),
    ("POST", "/impersonation/end", &["Logout"]),
    ("POST", "/account/sessions/end-others", &["EndSession"]),
    ("POST", "/account/sessions/{id}/end", &["EndSession"]),
    ("POST", "/account/totp/remove", &["RemoveTotp"]),
    ("POST", "/account/passkeys", &["BeginPasskey", "FinishPasskey"]),
    ("POST", "/account/passkeys/{id}/remove", &["RemovePasskey"]),
    ("POST", "/account/recovery-codes", &["MakeRecoveryCodes"]),
    ("POST", "/account/recovery-codes/saved", &[]),
    ("POST", "/account/login-change", &["RequestLoginChange"]),
    ("POST", "/account/api-tokens", &["CreateApiToken"]),
    ("POST", "/account/api-tokens/{id}/revoke", &["RevokeApiToken"]),
    ("POST", "/modules/{module}/new", &["CreateRecord"]),
    ("POST", "/modules/{module}/{id}/edit", &["UpdateRecord", "CloseToContact"]),
    ("POST", "/modules/{module}/{id}/comments", &["AddComment"]),
    ("POST", "/modules/{module}/{id}/comments/{comment}", &["EditComment"]),
    ("POST", "/modules/{module}/{id}/comments/{comment}/remove", &["RemoveComment"]),
    ("POST", "/modules/{module}/{id}/unread", &["MarkRead"]),
    ("POST", "/modules/{module}/{id}/delete", &["DeleteRecord"]),
    ("POST", "/modules/{module}/{id}/restore", &["RestoreRecord"]),
    ("POST", "/modules/{module}/change", &["UpdateRecord"]),
    ("POST", "/modules/{module}/change/undo", &["UpdateRecord"]),
    ("POST", "/contacts/{id}/access", &["EnableAccess"]),
    ("POST", "/contacts/{id}/dates", &["ChangeSupportDates"]),
    ("POST", "/contacts/{id}/disable", &["DisableAccess"]),
    ("POST", "/contacts/{id}/invitation", &["ResendInvitation"]),
    ("POST", "/contacts/{id}/unlock", &["Unlock"]),
    ("POST", "/contacts/{id}/profile", &["ChooseContactProfile"]),
    ("POST", "/contacts/{id}/manual", &["EnableAccess"]),
    ("POST", "/contacts/{id}/invitation/revoke", &["RevokeInvitation"]),
    ("POST", "/contacts/{id}/suspend", &["SuspendAccess"]),
    ("POST", "/contacts/{id}/resume", &["ResumeAccess"]),
    ("POST", "/contacts/{id}/login", &["ChangeLogin"]),
    ("POST", "/contacts/{id}/reset-link", &["SendResetLink"]),
    ("POST", "/contacts/{id}/one-time-password", &["SetOneTimePassword"]),
    ("POST", "/contacts/{id}/mfa", &["RequireMfa"]),
    ("POST", "/contacts/{id}/mfa/reset", &["ResetMfa"]),
    ("POST", "/contacts/{id}/impersonate", &["BeginImpersonation"]),
    ("POST", "/contacts/{id}/sessions/end", &["EndUserSessions"]),
    ("POST", "/contacts/{id}/close-records", &["CloseToContact"]),
    ("POST", "/contacts/{id}/email-from-login", &["UpdateRecord"]),
    ("POST", "/companies/{id}/link", &["IssueCompanyLink"]),
    ("POST", "/companies/{id}/link/revoke", &["RevokeCompanyLink"]),
    ("POST", "/companies/{id}/portal-users/new", &["CreateRecord", "EnableAccess"]),
    ("POST", "/trusts/revoke", &["RevokeTrust"]),
    ("POST", "/agents/new", &["CreateAgent"]),
    ("POST", "/agents/{id}/change", &["ChangeAgent"]),
    ("POST", "/agents/{id}/disable", &["DisableAgent"]),
    ("POST", "/agents/{id}/enable", &["EnableAgent"]),
    ("POST", "/agents/{id}/reset-link", &["SendResetLink"]),
    ("POST", "/agents/{id}/one-time-password", &["SetOneTimePassword"]),
    ("POST", "/agents/{id}/mfa", &["RequireMfa"]),
    ("POST", "/agents/{id}/mfa/reset", &["ResetMfa"]),
    ("POST", "/agents/{id}/sessions/end", &["EndUserSessions"]),
    ("POST", "/agents/{id}/tokens", &["CreateServiceToken"]),
    ("POST", "/roles/new", &["DefineRole"]),
    ("POST", "/roles/{id}", &["DefineRole"]),
    ("POST", "/roles/{id}/delete", &["DeleteRole"]),
    ("POST", "/groups/new", &["DefineGroup"]),
    ("POST", "/groups/{id}", &["DefineGroup"]),
    ("POST", "/groups/{id}/delete", &["DeleteGroup"]),
    ("POST", "/api-tokens/{id}/revoke", &["RevokeAnyApiToken"]),
    ("POST", "/settings/security", &["ChangeSettings"]),
    ("POST", "/bulk/new", &["StartBulkAccess"]),
    ("POST", "/bulk/{id}/cancel", &["CancelBulkAccess"]),
    ("POST", "/locked-users", &["Unlock"]),
    ("POST", "/deliveries/{id}/resend", &["ResendDelivery"]),
];

/// What a request to the API asks for; none when it changes nothing, or is in no table.
pub(crate) fn of_call(method: &str, route: &str) -> Option<Proof> {
    find(CALLS, method, route)
}

/// The word of what a request asks for, in the OpenAPI document.
pub(crate) fn word(proof: Proof) -> &'static str {
    match proof {
        Proof::None => "none",
        Proof::Proves => "proves",
        Proof::Session => "session",
        Proof::Fresh => "fresh",
    }
}

fn find(table: &[Entry], method: &str, route: &str) -> Option<Proof> {
    let (.., calls) = table.iter().find(|(m, r, _)| m.eq_ignore_ascii_case(method) && *r == route)?;
    Some(strictest(calls))
}

/// Of several calls the one that asks for most.
fn strictest(calls: &[&str]) -> Proof {
    let proof = |name: &&str| METHODS.iter().filter(|m| m.name() == *name).map(|m| m.proof).max();
    calls.iter().filter_map(proof).max().unwrap_or(Proof::None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::routes::all;
    use std::collections::BTreeSet;

    fn listed(table: &[Entry]) -> BTreeSet<(String, String)> {
        let listed: BTreeSet<_> = table.iter().map(|(m, r, _)| ((*m).to_owned(), (*r).to_owned())).collect();
        assert_eq!(listed.len(), table.len(), "an entry is there twice");
        listed
    }

    #[test]
    fn every_call_that_changes_something_says_what_proof_it_asks_for() {
        let document = serde_json::to_value(crate::api::openapi()).unwrap();
        let mut served = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys().filter(|m| *m != "get") {
                served.insert((method.to_uppercase(), path.clone()));
            }
        }
        assert!(served.len() > 60, "only {}", served.len());
        assert_eq!(listed(CALLS), served);
    }

    #[test]
    fn every_form_says_what_proof_it_asks_for() {
        let routes = all();
        let forms = routes.iter().filter(|(method, _)| *method != "get");
        let served: BTreeSet<_> = forms
            .map(|(method, path)| (method.to_uppercase(), path.strip_prefix("/console").unwrap_or(path).to_owned()))
            .collect();
        assert_eq!(listed(FORMS), served);
    }

    #[test]
    fn what_a_route_calls_is_a_method_and_there_is_one_of_that_name() {
        for (_, route, calls) in CALLS.iter().chain(FORMS) {
            for call in *calls {
                assert_eq!(METHODS.iter().filter(|m| m.name() == *call).count(), 1, "{call} of {route}");
            }
        }
    }

    /// Whatever is sensitive can be done with a form, too; a method that no route leads to is the command line's.
    #[test]
    fn every_method_that_asks_for_a_fresh_person_is_reached_or_known_to_have_no_route() {
        let reached: BTreeSet<&str> = CALLS.iter().chain(FORMS).flat_map(|(.., calls)| calls.iter().copied()).collect();
        let without: BTreeSet<&str> = METHODS
            .iter()
            .filter(|m| m.proof == Proof::Fresh && !reached.contains(m.name()))
            .map(proto::method::Method::name)
            .collect();
        assert_eq!(without, BTreeSet::from(["ChooseDefaultProfile", "DefineModule", "SetPassword"]));
    }

    #[test]
    fn the_strictest_call_decides() {
        assert_eq!(of_call("post", "/admin/companies/{id}/portal-users"), Some(Proof::Fresh));
        assert_eq!(of_call("POST", "/auth/terms"), Some(Proof::Session));
        assert_eq!(of_call("GET", "/admin/agents"), None);
        assert_eq!(strictest(&[]), Proof::None);
    }
}
