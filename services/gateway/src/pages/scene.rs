//! A signed-in person at a page: the plan, the modules, and what stands around every page of theirs.

use crate::{
    backend::{catalogue::visible, contacts::company_name},
    http::{app::App, kept, sessions::Session, views::Views},
    pages::{ask::Ask, module::Module, session_clock::clock},
};
use gateway_ui::{
    Lang,
    fmt::{self, Stamp},
    vm::{Chrome, Crumb, MenuItem, Standing, Viewer},
};
use kernel::{ActorKind, Error};
use policy::{AccessPlan, Right};
use proto::identity::v1::Subject;
use std::sync::Arc;

/// How much longer a proof must be fresh when a form is opened, in seconds: there must be time to fill it in.
const FILLING_IN: i64 = 120;

/// Who is signed in, and what the plan says.
#[derive(Clone)]
pub(crate) struct Me {
    pub(crate) session: Session,
    pub(crate) subject: Subject,
    pub(crate) plan: Arc<AccessPlan>,
}

impl Me {
    /// The signed-in person of a request, if one of the rights that the page needs is theirs.
    pub(crate) async fn of(ask: &Ask) -> Result<Me, Error> {
        let session = ask.admitted.signed_in()?.clone();
        let plan = ask.app.plans.plan_for(&session.actor()?).await?;
        let needs = ask.needs.0;
        if !needs.is_empty() && !needs.iter().any(|right| plan.may(*right)) {
            return Err(Error::forbidden("action_not_allowed"));
        }
        let mut subject = session.subject();
        if session.kind() == ActorKind::Company {
            // Identity knows a company by its id alone.
            subject.name = company_name(&ask.app, subject.id.clone()).await;
        }
        Ok(Me { subject, session, plan })
    }

    /// With the modules, which handlers fetch beside what else the page needs.
    pub(crate) fn with(self, ask: &Ask, views: Views) -> Scene {
        Scene { ask: ask.clone(), me: self, views }
    }

    pub(crate) fn may(&self, right: Right) -> bool {
        self.plan.may(right)
    }
}

/// Everything that a page of a signed-in person is drawn with.
pub(crate) struct Scene {
    pub(crate) ask: Ask,
    pub(crate) me: Me,
    pub(crate) views: Views,
}

impl Scene {
    /// With the modules and nothing else.
    pub(crate) async fn open(ask: &Ask) -> Result<Scene, Error> {
        let me = Me::of(ask).await?;
        let views = visible(&ask.app).await?;
        Ok(me.with(ask, views))
    }

    /// Asks for a fresh proof before a form is filled in whose sending needs one: what was typed would be lost.
    pub(crate) fn fresh(&self) -> Result<(), Error> {
        self.me.session.must_be_fresh(FILLING_IN)
    }

    pub(crate) fn app(&self) -> &App {
        &self.ask.app
    }

    pub(crate) fn lang(&self) -> Lang {
        self.ask.look.lang
    }

    pub(crate) fn console(&self) -> bool {
        self.ask.look.console()
    }

    /// A moment in the installation's time zone.
    pub(crate) fn stamp(&self, micros: i64) -> Stamp {
        fmt::stamp(micros, self.lang(), &self.app().zone)
    }

    /// A moment, if there is one.
    pub(crate) fn stamp_of(&self, micros: i64) -> Option<Stamp> {
        (micros != 0).then(|| self.stamp(micros))
    }

    /// A module that exists for this person.
    pub(crate) fn module(&self, name: &str) -> Result<Module<'_>, Error> {
        self.find(name).ok_or_else(Error::not_found)
    }

    pub(crate) fn find(&self, name: &str) -> Option<Module<'_>> {
        self.modules().find(|m| m.name() == name)
    }

    pub(crate) fn modules(&self) -> impl Iterator<Item = Module<'_>> {
        self.views.iter().filter_map(|view| Some(Module { view, definition: view.definition.as_ref()? }))
    }

    /// What stands around the page.
    pub(crate) fn chrome(&self) -> Chrome {
        let chrome = self.ask.look.chrome(self.app(), &kept::token_of(self.app(), &self.me.session));
        Chrome {
            viewer: Some(self.viewer()),
            menu: self.menu(),
            admin_menu: self.admin_menu(),
            // Who has no account here has no page about one.
            security_url: self.ask.admitted.own().ok().map(|_| self.ask.url("/account/security")),
            standing: self.standing(),
            clock: clock(&self.ask, &self.me.session),
            ..chrome
        }
    }

    fn viewer(&self) -> Viewer {
        let Subject { name, login, .. } = &self.me.subject;
        // A visitor whose company can't be named is somebody all the same.
        let name = if name.is_empty() { Viewer::visitor(self.lang()) } else { name.clone() };
        Viewer { name, detail: login.clone() }
    }

    /// Whose eyes the page is seen with, when it is not the person's own account.
    fn standing(&self) -> Option<Standing> {
        let name = self.me.subject.name.clone();
        if self.me.session.support() {
            let read_only = self.me.session.answer.read_only;
            return Some(Standing::Support { name, read_only, stop_url: "/impersonation/end".to_owned() });
        }
        (self.me.session.kind() == ActorKind::Company)
            .then(|| Standing::Link { company: name, sign_in_url: self.ask.look.sign_in_url() })
    }

    fn menu(&self) -> Vec<MenuItem> {
        let lang = self.lang();
        let entry =
            |module: Module<'_>| (module.vm(lang).plural, module.name().to_owned(), module.definition.icon.clone());
        let entries: Vec<_> = if self.me.plan.sees_all_modules() {
            let mut open: Vec<_> = self.modules().filter(|m| m.may("view")).collect();
            // As they were defined: people and work first, papers later.
            open.sort_by_key(|m| m.definition.number);
            open.into_iter().map(entry).collect()
        } else {
            let placed = self.me.plan.menu().into_iter();
            placed
                .filter_map(|(name, menu)| {
                    let (plural, name, icon) = entry(self.find(name)?);
                    let label = menu.label.pick(lang.code()).map_or(plural, str::to_owned);
                    Some((label, name, menu.icon.clone().unwrap_or(icon)))
                })
                .collect()
        };
        entries.into_iter().map(|(label, name, icon)| self.item(label, self.ask.list_url(&name), icon)).collect()
    }

    /// Only what the role has the right to.
    fn admin_menu(&self) -> Vec<MenuItem> {
        let mut menu = Vec::new();
        if !self.console() {
            return menu;
        }
        let pages = self.ask.pages.0.iter().filter(|page| page.needs.iter().any(|right| self.me.may(*right)));
        for (page, entry) in pages.filter_map(|page| Some((page, page.menu?))) {
            menu.push(self.item(self.lang().t(entry.label), self.ask.url(page.path), entry.icon.to_owned()));
        }
        menu
    }

    fn item(&self, label: String, url: String, icon: String) -> MenuItem {
        let rest = self.ask.look.path.strip_prefix(&url);
        let current = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        MenuItem { label, url, icon, current }
    }

    /// The way back to a module's list.
    pub(crate) fn list_crumb(&self, module: Module<'_>) -> Crumb {
        Crumb { label: module.vm(self.lang()).plural, url: self.ask.list_url(module.name()) }
    }

    /// The way back to a record.
    pub(crate) fn record_crumb(&self, module: Module<'_>, id: &str, label: &str) -> Crumb {
        Crumb { label: label.to_owned(), url: self.ask.record_url(module.name(), id) }
    }
}
