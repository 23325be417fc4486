# Was schiefgegangen ist.
error-bad-request-title = Diese Anfrage ist nicht verständlich
error-bad-request-text = Die Adresse oder das Formular ist unvollständig. Gehen Sie zurück und versuchen Sie es noch einmal.
error-forbidden-title = Das dürfen Sie nicht
error-forbidden-text = Ihr Profil oder Ihre Rolle erlaubt es nicht. Es wurde nichts geändert.
error-not-found-title = Seite nicht gefunden
error-not-found-text = Es gibt sie nicht, oder sie ist für Sie nicht sichtbar.
error-conflict-title = Das ist nicht mehr möglich
error-conflict-text = Inzwischen hat sich etwas geändert. Von Ihnen wurde nichts gespeichert; gehen Sie zurück und sehen Sie noch einmal nach.
error-gone-title = Dieser Link funktioniert nicht mehr
error-gone-text = Er wurde schon verwendet oder ist abgelaufen.
error-too-large-title = Das ist zu groß
error-too-large-text = Was Sie gesendet haben, ist größer als erlaubt. Es wurde nichts gespeichert.
error-too-many-title = Zu viele Versuche
error-too-many-text = Zur Sicherheit aller gibt es eine kurze Pause.
error-internal-title = Bei uns ist etwas schiefgegangen
error-internal-text = Es liegt nicht an Ihnen, und wir haben es festgehalten. Versuchen Sie es noch einmal; wenn es wieder geschieht, nennen Sie dem Support die Referenz unten.
error-unavailable-title = Gleich wieder da
error-unavailable-text = Ein Teil des Portals antwortet im Moment nicht. Was schon gespeichert war, ist sicher.
error-wait = { $count ->
    [one] Bitte warten Sie { $number } Sekunde und versuchen Sie es dann noch einmal.
   *[other] Bitte warten Sie { $number } Sekunden und versuchen Sie es dann noch einmal.
}
error-back = Zurück
error-home = Zur Startseite
error-code = Fehler
error-reference = Referenz
error-form-stale-title = Diese Seite ist veraltet
error-form-stale-text = Das Formular passt nicht zu Ihrer jetzigen Anmeldung, deshalb ist nichts geschehen. Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal.
error-other-person-title = Sie sind jetzt als jemand anders angemeldet
error-other-person-text = Dieses Formular wurde von einer anderen Person geöffnet, die in diesem Browser angemeldet war, deshalb ist nichts geschehen. Was eingegeben wurde, bleibt 15 Minuten lang erhalten: Wer es eingegeben hat, findet es im Formular wieder, sobald er sich hier erneut angemeldet hat.
error-elsewhere-title = Das kam von einer anderen Website
error-elsewhere-text = Das Formular wurde von einer Seite gesendet, die nicht zu uns gehört. Es ist nichts geschehen. Öffnen Sie das Portal selbst und erledigen Sie es dort.
error-no-origin-title = Ihr Browser sagt nicht, woher dieses Formular kommt
error-no-origin-text = Er hat weder einen Ursprung noch einen Referrer gesendet, deshalb können wir es nicht von einem Formular einer anderen Website unterscheiden. Es ist nichts geschehen. Erlauben Sie Ihrem Browser, Referrer an diese Website zu senden, und versuchen Sie es dann noch einmal.
error-typed = Was Sie eingegeben haben
kept-typed = Es wurde noch nichts gesendet. Was Sie eingegeben haben, steht wieder im Formular: Prüfen Sie es und senden Sie es dann.
kept-button = Es ist noch nichts geschehen. Wenn Sie es noch möchten, drücken Sie die Schaltfläche noch einmal.
kept-gone = Es wurde nichts gesendet. Das Formular, das Sie verwendet haben, ist nicht mehr auf dieser Seite.
kept-lost = Dafür war im Formular kein Platz:
kept-go = Dorthin
error-too-slow-title = Die Übertragung hat zu lange gedauert
error-too-slow-text = Was Sie gesendet haben, ist unterwegs abgebrochen, deshalb ist nichts geschehen. Gehen Sie zurück und senden Sie es noch einmal.
