//! A signed-in person at a page: the plan, the modules, and what stands around every page of theirs.

use crate::{
    backend::{catalogue::visible, contacts::company_name, requests::is_worked_off},
    http::{app::App, kept, sessions::Session, views::Views},
    pages::{ask::Ask, module::Module, session_clock::clock, views},
};
use gateway_ui::{
    Lang,
    fmt::{self, Stamp},
    query::ListQuery,
    vm::{Chrome, Crumb, MenuGroup, MenuItem, Standing, Viewer},
};
use kernel::{ActorKind, Error};
use policy::{AccessPlan, Right};
use proto::identity::v1::Subject;
use std::sync::Arc;

/// How much longer a proof must be fresh when a form is opened, in seconds: there must be time to fill it in.
const FILLING_IN: i64 = 120;

fn group(heading: Option<String>, items: Vec<MenuItem>) -> MenuGroup {
    MenuGroup { heading, items, folded: false }
}

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
            queue_url: (self.console() && self.work().is_some()).then(|| self.ask.look.home_url().to_owned()),
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

    fn menu(&self) -> Vec<MenuGroup> {
        let groups =
            if self.console() { self.menu_of_the_console() } else { vec![group(None, self.menu_of_the_portal())] };
        groups.into_iter().filter(|group| !group.items.is_empty()).collect()
    }

    /// As the profile has it.
    fn menu_of_the_portal(&self) -> Vec<MenuItem> {
        let lang = self.lang();
        let mut home = self.item(lang.t("menu-home"), "/".to_owned(), "house".to_owned());
        home.current = self.ask.look.path == "/";
        let placed = self.me.plan.menu().into_iter().filter_map(|(name, menu)| {
            let module = self.find(name)?;
            let label = menu.label.pick(lang.code()).map_or_else(|| module.vm(lang).plural, str::to_owned);
            let icon = menu.icon.clone().unwrap_or_else(|| module.definition.icon.clone());
            Some(self.item(label, self.ask.list_url(name), icon))
        });
        std::iter::once(home).chain(placed).collect()
    }

    /// By work: the queue, the customers, what else there is, and administration.
    fn menu_of_the_console(&self) -> Vec<MenuGroup> {
        let lang = self.lang();
        let mut open: Vec<_> = self.modules().filter(|m| m.may("view")).collect();
        // As they were defined: people and work first, papers later.
        open.sort_by_key(|m| m.definition.number);
        let item = |module: &Module<'_>| {
            self.item(module.vm(lang).plural, self.ask.list_url(module.name()), module.definition.icon.clone())
        };
        let is_customers = |m: &&Module<'_>| matches!(m.name(), policy::CONTACTS | policy::COMPANIES);
        let customers = open.iter().filter(is_customers).map(item).collect();
        let rest = || open.iter().filter(|m| !is_customers(m));
        let work: Vec<MenuItem> = rest().filter(|m| !m.definition.closed_values.is_empty()).map(item).collect();
        let papers: Vec<MenuItem> = rest().filter(|m| m.definition.closed_values.is_empty()).map(item).collect();
        let heading = |key: &str| Some(lang.t(key));
        let queue = self.queue();
        let mut work = group(heading("menu-records"), work);
        if queue.iter().any(|entry| entry.current) {
            // The view is the place where one is.
            work.items.iter_mut().for_each(|entry| entry.current = false);
        }
        vec![
            group(None, queue),
            group(heading("menu-customers"), customers),
            work,
            MenuGroup { folded: true, ..group(heading("menu-more"), papers) },
            group(heading("menu-administration"), self.admin_menu()),
        ]
    }

    /// The module whose records agents work off: the first one that is talked about and closed one day.
    pub(crate) fn work(&self) -> Option<Module<'_>> {
        self.modules().filter(|m| is_worked_off(m.view)).min_by_key(|m| m.definition.number)
    }

    /// The dashboard, and the views of the work.
    pub(crate) fn queue(&self) -> Vec<MenuItem> {
        let lang = self.lang();
        let mut dashboard =
            self.item(lang.t("menu-dashboard"), self.ask.look.home_url().to_owned(), "house".to_owned());
        dashboard.current = self.ask.look.path.trim_end_matches('/') == "/console";
        let Some(module) = self.work() else { return vec![dashboard] };
        let path = self.ask.list_url(module.name());
        let here = (self.ask.look.path == path).then(|| ListQuery::parse(&self.ask.look.query).view);
        let views = views::of(module).into_iter().map(|view| MenuItem {
            label: lang.t(view.label),
            url: format!("{path}?view={}", view.name),
            icon: view.icon.to_owned(),
            current: here.as_deref() == Some(view.name),
            count: String::new(),
        });
        std::iter::once(dashboard).chain(views).collect()
    }

    /// Only what the role has the right to.
    fn admin_menu(&self) -> Vec<MenuItem> {
        let pages = self.ask.pages.0.iter().filter(|page| page.needs.iter().any(|right| self.me.may(*right)));
        let entries = pages.filter_map(|page| Some((page, page.menu?)));
        entries
            .map(|(page, entry)| self.item(self.lang().t(entry.label), self.ask.url(page.path), entry.icon.to_owned()))
            .collect()
    }

    fn item(&self, label: String, url: String, icon: String) -> MenuItem {
        let rest = self.ask.look.path.strip_prefix(&url);
        let current = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        MenuItem { label, url, icon, current, count: String::new() }
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
