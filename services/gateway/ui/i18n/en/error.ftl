# What went wrong.
error-bad-request-title = This request makes no sense
error-bad-request-text = The address or the form is incomplete. Go back and try again.
error-forbidden-title = You may not do this
error-forbidden-text = Your profile doesn’t allow it, or this page was open for too long. Nothing was changed.
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
