//! What a contact signs in with, changed by an agent.

use crate::{
    authority::Intent,
    domain::{
        account::{Account, Command},
        login::login_key,
    },
    draft::unrepeated,
    identity::Identity,
};
use kernel::{Actor, ActorKind, Error, text};
use proto::identity::v1 as wire;

impl Identity {
    /// Gives a contact another login: an address, to which mails then go, or a user name. Where a password was chosen, an
    /// address that is new to the account is confirmed there first and announced at the present one.
    pub(crate) async fn change_login(
        &self,
        actor: &Actor,
        request: &wire::ChangeLoginRequest,
    ) -> Result<wire::AccessResponse, Error> {
        let user = self.contact(actor, &request.contact_id, Intent::Become).await?;
        let account = self.log.aggregate::<Account>(user).await?.state;
        let person = account.person().cloned().unwrap_or_default();
        let known = person.email.clone();
        let given = match request.login.trim() {
            "" => self.address_of(user, request.email.as_deref(), &known).await?,
            _ => request.login.clone(),
        };
        if given.is_empty() {
            let message = "There is no e-mail address to sign in with. Please give a user name.";
            return Err(Error::invalid_field("login", "required", message));
        }
        let login = text::login(&given).map_err(|_| {
            let message = "A login is an e-mail address, or a user name of 3 to 254 characters without spaces.";
            Error::invalid_field("login", "not_a_login", message)
        })?;
        let is_address = login.contains('@');
        if is_address && person.has_password && login_key(&login) != login_key(&known) {
            self.load_contact(user).await?;
            let kind = ActorKind::Contact;
            let done = self.order_login_change(&unrepeated(actor), user, kind, login, true).await?;
            return self.answer(user, done).await;
        }
        let email = if is_address { login.clone() } else { known };
        let command = Command::ChangeLogin { user, login, email };
        let done = self
            .change(user, &unrepeated(actor), false, &command, |_, events| self.login_changed(user, events))
            .await
            .map_err(|e| e.at("login"))?;
        self.answer(user, done).await
    }
}
