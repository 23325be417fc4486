//! Which icons of the sprite a module may have.

/// Icons of the sprite that a module may name.
const MODULE_ICONS: [&str; 25] = [
    "ticket",
    "user-round",
    "building-2",
    "book-open",
    "file-text",
    "folder",
    "briefcase",
    "receipt",
    "package",
    "message-square",
    "kanban",
    "shopping-cart",
    "lock",
    "mail",
    "house",
    "circle-help",
    "users",
    "settings",
    "list-checks",
    "key-round",
    "inbox",
    "reply",
    "clock",
    "triangle-alert",
    "circle-check",
];

/// The icon, or a folder when the sprite has no such icon.
pub(crate) fn known_icon(icon: &str) -> &str {
    if MODULE_ICONS.contains(&icon) { icon } else { "folder" }
}
