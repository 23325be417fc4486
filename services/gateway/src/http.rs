//! What every request meets, whatever it asks for: its span and headers, its limits, the guard, sessions and cookies, and
//! how an error looks to a program. Nothing here knows a page or a resource of the API; what these layers need of them is
//! handed in from above as [`Above`](app::Above).

pub(crate) mod app;
pub(crate) mod assets;
pub(crate) mod clock;
pub(crate) mod cookies;
pub(crate) mod current;
pub(crate) mod group;
pub(crate) mod guard;
pub(crate) mod hex;
pub(crate) mod kept;
pub(crate) mod limits;
pub(crate) mod observe;
pub(crate) mod problem;
pub(crate) mod request;
pub(crate) mod schemas;
pub(crate) mod sessions;
pub(crate) mod source;
pub(crate) mod views;
