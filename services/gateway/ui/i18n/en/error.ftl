# What went wrong.
error-bad-request-title = This request makes no sense
error-bad-request-text = The address or the form is incomplete. Go back and try again.
error-forbidden-title = You may not do this
error-forbidden-text = Your profile or role doesn’t allow it. Nothing was changed.
error-not-found-title = Page not found
error-not-found-text = It doesn’t exist, or it isn’t visible to you.
error-conflict-title = This is no longer possible
error-conflict-text = Something changed in the meantime. Nothing of yours was saved; go back and look again.
error-gone-title = This link no longer works
error-gone-text = It was already used or it has expired.
error-too-large-title = This is too large
error-too-large-text = What you sent is larger than allowed. Nothing was saved.
error-too-many-title = Too many attempts
error-too-many-text = For everybody’s safety there is a short pause.
error-internal-title = Something went wrong on our side
error-internal-text = It isn’t your fault, and we have recorded it. Try again; if it happens again, give support the reference below.
error-unavailable-title = Back in a moment
error-unavailable-text = A part of the portal doesn’t answer at the moment. What was already saved is safe.
error-wait = { $count ->
    [one] Please wait { $number } second, then try again.
   *[other] Please wait { $number } seconds, then try again.
}
error-back = Go back
error-home = Go to the home page
error-code = Error
error-reference = Reference
error-form-stale-title = This page is out of date
error-form-stale-text = The form doesn’t belong to how you are signed in now, so nothing was done. Go back, reload the page and try again.
error-other-person-title = You are signed in as somebody else now
error-other-person-text = This form was opened by another person who was signed in in this browser, so nothing was done. What was typed is kept for 15 minutes: whoever typed it finds it in the form after signing in here again.
error-elsewhere-title = This came from another site
error-elsewhere-text = The form was sent by a page that is not ours. Nothing was done. Open the portal yourself and do it there.
error-no-origin-title = Your browser doesn’t say where this form comes from
error-no-origin-text = It sent neither an origin nor a referrer, so we can’t tell it from a form of another site. Nothing was done. Allow your browser to send referrers to this site, then try again.
error-typed = What you typed
kept-typed = Nothing has been sent yet. What you typed is in the form again: check it, then send it.
kept-button = Nothing has been done yet. If you still want it, press the button again.
kept-gone = Nothing has been sent. The form you used is no longer on this page.
kept-lost = This had no place in the form:
kept-go = Go to it
error-too-slow-title = This took too long to arrive
error-too-slow-text = What you sent broke off on the way, so nothing was done. Go back and send it again.
