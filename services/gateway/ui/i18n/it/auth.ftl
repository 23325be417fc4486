# Accesso e pagina dell’invito.
sign-in-title = Accedi
sign-in-title-console = Accedi alla console
sign-in-login = E-mail o nome utente
sign-in-login-console = E-mail
sign-in-password = Password
sign-in-submit = Accedi
sign-in-help = Non hai ancora accesso? Chiedi un invito al tuo referente dell’assistenza.
sign-in-failed-title = Accesso non riuscito
sign-in-invalid = I dati non corrispondono. Controlla l’e-mail e la password e riprova.
sign-in-not-started-title = Il tuo accesso non è ancora iniziato
sign-in-not-started = Puoi accedere dal { $date }.
sign-in-ended-title = Il tuo periodo di supporto è terminato
sign-in-ended = È terminato il { $date }. Chiedi al tuo referente dell’assistenza di prolungarlo.
sign-in-unavailable = Al momento non è possibile accedere. I tuoi dati sono a posto; riprova tra poco.
sign-in-form-expired = Questa pagina è rimasta aperta troppo a lungo. Accedi di nuovo.
sign-in-signed-out = Sei uscito.
sign-in-typed-kept = Quello che hai scritto non è stato inviato ed è conservato per te. Lo ritrovi nel modulo dopo l’accesso.
sign-in-session-ended = La sessione è terminata. Accedi di nuovo per riprendere da dove eri.
sign-in-password-set = La password è impostata. Ora accedi.
password-show = Mostra
set-password-title = Scegli la tua password
set-password-lead = Ti diamo il benvenuto su { $product }. Un solo passo, poi potrai accedere.
set-password-new = Nuova password
set-password-rules = { $count ->
    [one] Almeno { $number } carattere. Alcune parole senza legame tra loro sono facili da ricordare e difficili da indovinare.
   *[other] Almeno { $number } caratteri. Alcune parole senza legame tra loro sono facili da ricordare e difficili da indovinare.
}
set-password-repeat = Ripeti la password
set-password-submit = Imposta la password
set-password-unusable-title = Questo collegamento non vale più
set-password-unusable-text = È già stato usato, sostituito da uno più recente, oppure è scaduto.
set-password-unusable-next = Se hai già impostato la password, accedi. Altrimenti chiedi al tuo referente dell’assistenza un nuovo invito.
set-password-to-sign-in = Vai all’accesso
password-missing = Inserisci una password.
password-too-short = { $count ->
    [one] La password richiede almeno { $number } carattere.
   *[other] La password richiede almeno { $number } caratteri.
}
password-too-long = Questa password è troppo lunga. Usane una più corta.
password-common = Questa password è troppo facile da indovinare. Scegline un’altra.
password-mismatch = Le due password sono diverse. Scrivi due volte la stessa.
sign-in-no-cookie = Il tuo browser non ha inviato alcun cookie. Consenti i cookie per questo sito, poi accedi di nuovo.
sign-in-ended-expired = La sessione ha raggiunto la durata massima. Accedi di nuovo per riprendere da dove eri.
sign-in-ended-elsewhere = Hai terminato questa sessione da un altro dispositivo o da un’altra finestra. Accedi di nuovo per riprendere da dove eri.
sign-in-ended-by-agent = Questa sessione è stata terminata da chi gestisce gli accessi. Accedi di nuovo per riprendere da dove eri.
sign-in-ended-password = La password è stata cambiata e tutte le altre sessioni sono terminate. Accedi di nuovo con quella nuova.
sign-in-ended-too-many = Hai effettuato l’accesso su molti altri dispositivi, quindi questa sessione, la più vecchia, è terminata. Accedi di nuovo per riprendere da dove eri.
sign-in-ended-security = Qualcosa nel tuo modo di accedere è cambiato, quindi questa sessione è terminata. Accedi di nuovo per riprendere da dove eri.
sign-in-ended-link = Il link con cui sei arrivato non è più in uso. Accedi per continuare.
flash-already-signed-in = Avevi già effettuato l’accesso.
