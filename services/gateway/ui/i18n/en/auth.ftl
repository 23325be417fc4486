# Sign-in and the page behind an invitation.
sign-in-title = Sign in
sign-in-title-console = Sign in to the console
sign-in-login = E-mail or user name
sign-in-login-console = E-mail
sign-in-password = Password
sign-in-submit = Sign in
sign-in-help = No access yet? Ask your contact at support for an invitation.
sign-in-failed-title = You are not signed in
sign-in-invalid = These details don’t match. Check the e-mail and the password, then try again.
sign-in-not-started-title = Your access hasn’t started yet
sign-in-not-started = You can sign in from { $date }.
sign-in-ended-title = Your support period is over
sign-in-ended = It ended on { $date }. Ask your contact at support to extend it.
sign-in-unavailable = Signing in is not possible at the moment. Nothing is wrong with your details; try again shortly.
sign-in-form-expired = This page was open for too long. Please sign in again.
sign-in-signed-out = You are signed out.
sign-in-typed-kept = What you typed has not been sent, and is kept for you. It is in the form again when you have signed in.
sign-in-session-ended = Your session has ended. Sign in again to go on where you were.
sign-in-password-set = Your password is set. Sign in with it now.
password-show = Show
set-password-title = Choose your password
set-password-lead = Welcome to { $product }. One step, then you can sign in.
set-password-new = New password
set-password-rules = { $count ->
    [one] At least { $number } character. A few unrelated words are easy to remember and hard to guess.
   *[other] At least { $number } characters. A few unrelated words are easy to remember and hard to guess.
}
set-password-repeat = Repeat the password
set-password-submit = Set password
set-password-unusable-title = This link no longer works
set-password-unusable-text = It was already used, replaced by a newer one, or it has expired.
set-password-unusable-next = If you have set your password, just sign in. If not, ask your contact at support to send a new invitation.
set-password-to-sign-in = Go to sign-in
password-missing = Enter a password.
password-too-short = { $count ->
    [one] The password needs at least { $number } character.
   *[other] The password needs at least { $number } characters.
}
password-too-long = This password is too long. Use a shorter one.
password-common = This password is too easy to guess. Choose another one.
password-mismatch = The two passwords differ. Type the same one twice.
sign-in-no-cookie = Your browser sent no cookie. Allow cookies for this site, then sign in again.
sign-in-ended-expired = Your session reached its longest time. Sign in again to go on where you were.
sign-in-ended-elsewhere = You ended this session yourself, from another device or window. Sign in again to go on where you were.
sign-in-ended-by-agent = This session was ended by somebody who looks after accounts. Sign in again to go on where you were.
sign-in-ended-password = The password was changed, so all other sessions ended. Sign in again with the new one.
sign-in-ended-too-many = You signed in on many other devices, so this session, the oldest one, ended. Sign in again to go on where you were.
sign-in-ended-security = Something about how you sign in was changed, so this session ended. Sign in again to go on where you were.
sign-in-ended-link = The link you came by is no longer in use. Sign in to go on.
flash-already-signed-in = You were already signed in.
