//! Profiles: what portal users may see and do.

use super::answer;
use crate::http::app::App;
use kernel::Error;
use proto::permissions::v1::{
    ChooseContactProfileRequest, GetProfileRequest, GetProfileResponse, ListProfilesRequest, ProfileSummary,
    PublishProfileRequest, PublishProfileResponse, SaveDraftRequest, SaveDraftResponse,
};

/// All profiles.
pub(crate) async fn all(app: &App) -> Result<Vec<ProfileSummary>, Error> {
    Ok(answer(app.clients.permissions().list_profiles(ListProfilesRequest {}).await)?.profiles)
}

/// A profile, published and as a draft.
pub(crate) async fn get(app: &App, id: &str) -> Result<GetProfileResponse, Error> {
    let request = GetProfileRequest { profile_id: id.to_owned() };
    answer(app.clients.permissions().get_profile(request).await)
}

/// Saves a draft, if nobody else has since; nothing is in force yet.
pub(crate) async fn save_draft(app: &App, request: SaveDraftRequest) -> Result<SaveDraftResponse, Error> {
    answer(app.clients.permissions().save_draft(request).await)
}

/// Puts the draft in force.
pub(crate) async fn publish(app: &App, request: PublishProfileRequest) -> Result<PublishProfileResponse, Error> {
    answer(app.clients.permissions().publish_profile(request).await)
}

/// Gives a contact a profile by hand; an empty one takes the choice back.
pub(crate) async fn choose(app: &App, contact_id: String, profile_id: String) -> Result<(), Error> {
    let request = ChooseContactProfileRequest { contact_id, profile_id };
    answer(app.clients.permissions().choose_contact_profile(request).await).map(drop)
}
