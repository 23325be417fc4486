# What stands around every page, and words that every page uses.
skip-to-content = Skip to content
title-error = Error:
error-prefix = Error:
summary-title = There is a problem
required = required
cancel = Cancel
retry = Try again
menu = Menu
menu-label = Main menu
menu-home = Home
menu-dashboard = Dashboard
menu-customers = Customers
menu-records = Records
menu-more = More
menu-administration = Administration
console-name = Console
account-menu = Account menu:
sign-out = Sign out
language = Language
theme = Appearance
theme-system = Automatic
theme-light = Light
theme-dark = Dark
footer-demo = Demo data is loaded
crumbs-label = You are here
pager-label = Pages
pager-first = First page
pager-next = Next page
value-empty = Empty
value-yes = Yes
value-no = No
value-masked = Partly hidden
person-erased = Erased contact
person-deleted = (deleted)
ago-now = just now
ago-minutes = { $count ->
    [one] { $number } minute ago
   *[other] { $number } minutes ago
}
ago-hours = { $count ->
    [one] { $number } hour ago
   *[other] { $number } hours ago
}
ago-days = { $count ->
    [one] yesterday
   *[other] { $number } days ago
}
flash-saved = Your changes are saved.
flash-created = Created.
flash-received = We have your request. Every answer to it appears here.
flash-deleted = Deleted. It can be restored.
flash-restored = Restored.
flash-commented = Your reply is sent.
flash-noted = The internal note is added. The customer doesn’t see it.
flash-commented-and-set = Your reply is sent and the status is set.
flash-comment-changed = Your message is changed.
flash-comment-removed = Your message is taken back.
flash-comment-settled = It is too late to change this message.
flash-marked-unread = Marked as unread.
flash-access-enabled = Portal access is on. The invitation is on its way.
flash-access-enabled-not-sent = Portal access is on, but no invitation was sent: the support period is already over.
flash-dates-changed = The support dates are changed.
flash-access-disabled = Portal access is off. All sessions have ended.
flash-invitation-resent = A new invitation is on its way. The old link no longer works.
flash-unlocked = Unlocked. They can sign in again now.
flash-nothing-chosen = Nobody was chosen. Tick at least one user.
flash-profile-chosen = The profile is set. It applies within a second.
flash-resent = The message will be sent again.
flash-unchanged = Nothing was different, so nothing was saved.
flash-no-record-chosen = No record was chosen. Tick at least one.
flash-no-change-chosen = Choose what to set first.
flash-selection-undone = The change is taken back.
