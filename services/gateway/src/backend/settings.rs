//! Security settings of the installation, and what of them everybody may know.

use super::answer;
use crate::http::app::App;
use kernel::Error;
use proto::identity::v1::{
    ChangeSettingsRequest, GetPublicPolicyRequest, GetPublicPolicyResponse, GetSettingsRequest, GetSettingsResponse,
    SecuritySettings,
};

/// The settings.
pub(crate) async fn get(app: &App) -> Result<GetSettingsResponse, Error> {
    answer(app.clients.identity_administration().get_settings(GetSettingsRequest {}).await)
}

/// Changes the settings, if nobody else has since.
pub(crate) async fn change(
    app: &App,
    settings: SecuritySettings,
    expected_version: i64,
) -> Result<GetSettingsResponse, Error> {
    let request = ChangeSettingsRequest { settings: Some(settings), expected_version };
    answer(app.clients.identity_administration().change_settings(request).await)
}

/// What somebody may know before signing in: the length of passwords, the terms, whom to ask.
pub(crate) async fn public(app: &App) -> Result<GetPublicPolicyResponse, Error> {
    answer(app.clients.as_service().identity().get_public_policy(GetPublicPolicyRequest {}).await)
}
