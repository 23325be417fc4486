# Texts of the mails. English is the source; every language has the same keys with the same placeholders.

greeting = Hello { $name },
greeting-unnamed = Hello,
quote-by = { $author } wrote:
quote-unnamed = The answer:
button-instead = If the button does not work, open this address:
footer-sign-in = Sign in at { $url }
footer-automatic = { $company } sent this message automatically.
reason-record-received = You get this message because you sent us this request.
reason-record-contact = You get this message because the request concerns you.
reason-record-agent = You get this message because you own the record.
reason-operator = You get this message because this address was set for what would reach nobody.
reason-security = You get this message because it concerns the safety of your account.
reason-invitation = You get this message because { $company } gave you access to its customer portal.

# $day and $year are numbers as written, $month is 1 to 12, $clock is 14:05, $zone is a time zone.
date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
date-time = { $date }, { $clock } ({ $zone })

invitation-subject = Your access to the customer portal of { $company }
invitation-heading = Welcome to our customer portal
invitation-text = { $company } has opened its customer portal for you. There you open requests, follow them and read our answers.
invitation-choose = Please choose your password first.
invitation-first-day = Your support begins on { $date }. You can choose your password now, and sign in from that day on.
invitation-button = Choose your password
invitation-expiry = The link works once, until { $time }.
invitation-unexpected = If you did not expect this message, you can ignore it.

# How a mail names a record; without its title where that is not for the reader.
record-titled = { $module } { $number } – { $title }
record-untitled = { $module } { $number }

received-subject = We have received your request: { $record }
received-heading = Your request is with us
received-text = We have received { $record }
received-next = Your number for it is { $number }. We write to you as soon as we have an answer or a question; until then there is nothing that you need to do.
received-more = Is something missing? Add it in the portal; answers to this message are not read.

assigned-subject = Assigned to you: { $record }
assigned-heading = A new assignment for you
assigned-text = You are now the owner of { $record }
assigned-button = Open { $number }

commented-contact-subject = New answer: { $record }
commented-contact-heading = There is an answer for you
commented-contact-text = We have answered on { $record }
commented-contact-reply = Please answer in the portal; answers to this message are not read.
commented-alone-reply = Answers to this message are not read. To answer, please contact us as you usually do.
commented-beside-contact-subject = New comment: { $record }
commented-beside-contact-heading = There is a new comment
commented-beside-contact-text = There is a new comment on { $record }
commented-agent-subject = The customer answered: { $record }
commented-agent-heading = The customer answered
commented-agent-text = There is a new answer on { $record }
commented-beside-agent-subject = A colleague answered: { $record }
commented-beside-agent-heading = A colleague answered
commented-beside-agent-text = A colleague answered the customer on { $record }
commented-button = Open { $number }

# To the operator's own address, in place of an owner who can't be told.
operator-subject = Needs an owner: { $record }
operator-heading = This needs somebody who looks after it
operator-made = A customer opened { $record }
operator-assigned = An owner was set for { $record }
operator-commented = There is a new answer on { $record }
operator-no-owner = Nobody owns it.
operator-owner-disabled = { $name }, who owns it, can no longer sign in.
operator-owner-hidden = { $name }, who owns it, may not see it any more.
operator-owner-no-address = { $name }, who owns it, has no e-mail address.
operator-someone-disabled = Whoever owns it can no longer sign in.
operator-someone-hidden = Whoever owns it may not see it any more.
operator-someone-no-address = Whoever owns it has no e-mail address.
operator-ask = Please give it to somebody who answers it.

locked-subject = Your account is locked
locked-heading = Your account is locked
locked-text = Somebody entered a wrong password for your account too many times, so we locked it.
locked-until = It opens again by itself: { $time }.
locked-manual-contact = To open it again, please contact us.
locked-manual-agent = To open it again, please ask an administrator.
locked-not-you-contact = If it was not you, please tell us. Your password was not guessed.
locked-not-you-agent = If it was not you, please tell an administrator. Your password was not guessed.
locked-button = Go to the sign-in page

password-subject = Your password was changed
password-heading = Your password was changed
password-text = The password of your account was changed.
password-not-you-contact = If it was not you, please contact us at once.
password-not-you-agent = If it was not you, please tell an administrator at once.
password-button = Go to the sign-in page

security-not-you-contact = If it was not you, please contact us at once.
security-not-you-agent = If it was not you, please tell an administrator at once.
security-button = Go to the sign-in page

reset-subject = Choose a new password
reset-heading = Choose a new password
reset-by-you = Somebody asked for a new password for your account.
reset-by-agent = { $company } sends you this link, so that you can choose a new password.
reset-after = Your present password stays valid until you choose another one. A new password ends all your sessions, and a second step stays as it is.
reset-button = Choose a new password
reset-expiry = The link works once and for 30 minutes, until { $time }.
reset-unexpected = If you did not expect this message, you can ignore it: nothing changes without the link.

one-time-subject = A one-time password was set for you
one-time-heading = A one-time password was set for you
one-time-text = We set a password for your account that works once. For your safety it is not in this message; whoever set it tells you.
one-time-change = You choose a password of your own when you sign in with it. All your sessions have ended.
one-time-until = The one-time password is valid until { $time }.
one-time-not-you-contact = If you did not ask us for it, please contact us at once.
one-time-not-you-agent = If you did not ask for it, please tell an administrator at once.
one-time-button = Go to the sign-in page

login-confirm-subject = Confirm your new sign-in address
login-confirm-heading = Confirm your new sign-in address
login-confirm-text = You want to sign in with this address from now on. Please confirm that it is yours.
login-confirm-by-agent = Your contact details have changed, so we would like you to sign in with this address from now on. Please confirm that it is yours.
login-confirm-announced = Until then you sign in as before. We have told your present address about it too.
login-confirm-button = Confirm the address
login-confirm-expiry = The link works once, until { $time }.
login-confirm-unexpected = If you did not ask for this, you can ignore this message: nothing changes without the link.

login-announced-subject = Another sign-in address was asked for
login-announced-heading = Another sign-in address was asked for
login-announced-text = Somebody who is signed in to your account wants to sign in with another e-mail address from now on.
login-announced-by-agent = Your contact details have changed, so we have asked for another e-mail address to be the one that you sign in with.
login-announced-confirm = It changes as soon as the link in our message to the new address is opened. Until then you sign in as before.

login-changed-subject = Your sign-in address was changed
login-changed-heading = Your sign-in address was changed
login-changed-by-you = The new address that you sign in with was confirmed.
login-changed-by-agent = We changed what you sign in with.
login-changed-now = From now on you sign in as { $login }. Your password stays the same.
login-changed-left = You can no longer sign in with this address.

factor-added-subject = A second step was added to your account
factor-added-heading = A second step was added to your account
factor-added-totp = From now on you sign in with your password and a code from your authenticator app.
factor-added-passkey = A passkey was added to your account.
factor-added-passkey-named = A passkey was added to your account: { $name }

factor-removed-subject = A second step was removed from your account
factor-removed-heading = A second step was removed from your account
factor-removed-totp = The authenticator app was removed from your account.
factor-removed-totp-by-agent = We removed the authenticator app from your account.
factor-removed-passkey = A passkey was removed from your account.
factor-removed-passkey-by-agent = We removed a passkey from your account.
factor-removed-all = All second steps were removed from your account.
factor-removed-all-by-agent = We removed all second steps from your account, so that you can set them up again.

code-used-subject = A recovery code was used
code-used-heading = A recovery code was used
code-used-text = Somebody signed in to your account with your password and one of your recovery codes.
code-used-left = { $left ->
    [0] There is no recovery code left.
    [1] There is 1 recovery code left.
   *[other] There are { $left } recovery codes left.
}
code-used-few = Please make new ones soon.

codes-made-subject = You have new recovery codes
codes-made-heading = You have new recovery codes
codes-made-text = { $count } new recovery codes were made for your account. The former ones no longer work.
