# Anmeldung, und die Seite hinter einer Einladung.
sign-in-title = Anmelden
sign-in-title-console = An der Konsole anmelden
sign-in-login = E-Mail oder Benutzername
sign-in-login-console = E-Mail
sign-in-password = Passwort
sign-in-submit = Anmelden
sign-in-help = Noch kein Zugang? Bitten Sie Ihren Ansprechpartner im Support um eine Einladung.
sign-in-failed-title = Sie sind nicht angemeldet
sign-in-invalid = Diese Angaben passen nicht zusammen. Prüfen Sie E-Mail und Passwort und versuchen Sie es noch einmal.
sign-in-not-started-title = Ihr Zugang hat noch nicht begonnen
sign-in-not-started = Sie können sich ab dem { $date } anmelden.
sign-in-ended-title = Ihr Supportzeitraum ist vorbei
sign-in-ended = Er endete am { $date }. Bitten Sie Ihren Ansprechpartner im Support, ihn zu verlängern.
sign-in-unavailable = Eine Anmeldung ist im Moment nicht möglich. An Ihren Angaben liegt es nicht; versuchen Sie es gleich noch einmal.
sign-in-form-expired = Diese Seite war zu lange geöffnet. Bitte melden Sie sich noch einmal an.
sign-in-signed-out = Sie sind abgemeldet.
sign-in-typed-kept = Was Sie eingegeben haben, wurde nicht gesendet und bleibt für Sie erhalten. Nach der Anmeldung steht es wieder im Formular.
sign-in-session-ended = Ihre Sitzung ist beendet. Melden Sie sich wieder an, um dort weiterzumachen, wo Sie waren.
sign-in-password-set = Ihr Passwort ist festgelegt. Melden Sie sich jetzt damit an.
password-show = Anzeigen
set-password-title = Wählen Sie Ihr Passwort
set-password-lead = Willkommen bei { $product }. Ein Schritt noch, dann können Sie sich anmelden.
set-password-new = Neues Passwort
set-password-rules = { $count ->
    [one] Mindestens { $number } Zeichen. Einige Wörter ohne Zusammenhang sind leicht zu merken und schwer zu erraten.
   *[other] Mindestens { $number } Zeichen. Einige Wörter ohne Zusammenhang sind leicht zu merken und schwer zu erraten.
}
set-password-repeat = Passwort wiederholen
set-password-submit = Passwort festlegen
set-password-unusable-title = Dieser Link funktioniert nicht mehr
set-password-unusable-text = Er wurde schon verwendet oder durch einen neueren ersetzt, oder er ist abgelaufen.
set-password-unusable-next = Wenn Sie Ihr Passwort schon festgelegt haben, melden Sie sich einfach an. Wenn nicht, bitten Sie Ihren Ansprechpartner im Support um eine neue Einladung.
set-password-to-sign-in = Zur Anmeldung
password-missing = Geben Sie ein Passwort ein.
password-too-short = { $count ->
    [one] Das Passwort braucht mindestens { $number } Zeichen.
   *[other] Das Passwort braucht mindestens { $number } Zeichen.
}
password-too-long = Dieses Passwort ist zu lang. Nehmen Sie ein kürzeres.
password-common = Dieses Passwort ist zu leicht zu erraten. Wählen Sie ein anderes.
password-mismatch = Die beiden Passwörter sind verschieden. Geben Sie zweimal dasselbe ein.
sign-in-no-cookie = Ihr Browser hat kein Cookie gesendet. Erlauben Sie Cookies für diese Website und melden Sie sich dann noch einmal an.
sign-in-ended-expired = Ihre Sitzung hat ihre längste Dauer erreicht. Melden Sie sich wieder an, um dort weiterzumachen, wo Sie waren.
sign-in-ended-elsewhere = Sie haben diese Sitzung selbst von einem anderen Gerät oder Fenster aus beendet. Melden Sie sich wieder an, um dort weiterzumachen, wo Sie waren.
sign-in-ended-by-agent = Diese Sitzung wurde von jemandem beendet, der sich um die Konten kümmert. Melden Sie sich wieder an, um dort weiterzumachen, wo Sie waren.
sign-in-ended-password = Das Passwort wurde geändert, deshalb wurden alle anderen Sitzungen beendet. Melden Sie sich mit dem neuen wieder an.
sign-in-ended-too-many = Sie haben sich auf vielen anderen Geräten angemeldet, deshalb wurde diese Sitzung, die älteste, beendet. Melden Sie sich wieder an, um dort weiterzumachen, wo Sie waren.
sign-in-ended-security = An Ihrer Anmeldung wurde etwas geändert, deshalb wurde diese Sitzung beendet. Melden Sie sich wieder an, um dort weiterzumachen, wo Sie waren.
sign-in-ended-link = Der Link, über den Sie gekommen sind, ist nicht mehr in Gebrauch. Melden Sie sich an, um weiterzumachen.
flash-already-signed-in = Sie waren schon angemeldet.
