# Testi dei messaggi. L'inglese è la fonte; ogni lingua ha le stesse chiavi con gli stessi segnaposto.

greeting = Buongiorno { $name },
greeting-unnamed = Buongiorno,
quote-by = { $author } ha scritto:
quote-unnamed = La risposta:
button-instead = Se il pulsante non funziona, apri questo indirizzo:
footer-sign-in = Accedi da { $url }
footer-automatic = Messaggio inviato automaticamente da { $company }.
reason-record-contact = Ricevi questo messaggio perché la richiesta ti riguarda.
reason-record-agent = Ricevi questo messaggio perché il record è assegnato a te.
reason-security = Ricevi questo messaggio perché riguarda la sicurezza del tuo account.
reason-invitation = Ricevi questo messaggio perché { $company } ti ha dato accesso al suo portale clienti.

date = { $day } { $month ->
    [1] gennaio
    [2] febbraio
    [3] marzo
    [4] aprile
    [5] maggio
    [6] giugno
    [7] luglio
    [8] agosto
    [9] settembre
    [10] ottobre
    [11] novembre
   *[12] dicembre
} { $year }
date-time = { $date }, ore { $clock } ({ $zone })

invitation-subject = Il tuo accesso al portale clienti di { $company }
invitation-heading = Ti diamo il benvenuto nel nostro portale clienti
invitation-text = { $company } ha aperto per te il suo portale clienti. Da lì puoi aprire richieste, seguirle e leggere le nostre risposte.
invitation-choose = Per prima cosa scegli la tua password.
invitation-first-day = Il tuo supporto inizia il { $date }. Puoi scegliere la password già adesso e accedere da quel giorno.
invitation-button = Scegli la password
invitation-expiry = Il link funziona una sola volta, fino a: { $time }.
invitation-unexpected = Se non aspettavi questo messaggio, puoi ignorarlo.

assigned-subject = Nuova assegnazione: { $module } { $number } – { $title }
assigned-heading = Una nuova assegnazione per te
assigned-text = Da ora { $module } { $number } è di tua competenza: { $title }
assigned-button = Apri { $number }

commented-contact-subject = Nuova risposta: { $module } { $number } – { $title }
commented-contact-heading = C'è una risposta per te
commented-contact-text = Abbiamo risposto su { $module } { $number }: { $title }
commented-contact-reply = Per favore rispondi nel portale; le risposte a questo messaggio non vengono lette.
commented-agent-subject = Il cliente ha risposto: { $module } { $number } – { $title }
commented-agent-heading = Il cliente ha risposto
commented-agent-text = C'è una nuova risposta su { $module } { $number }: { $title }
commented-button = Apri { $number }

locked-subject = Il tuo account è bloccato
locked-heading = Il tuo account è bloccato
locked-text = Qualcuno ha inserito troppe volte una password errata per il tuo account, quindi lo abbiamo bloccato.
locked-until = Si sblocca da solo: { $time }.
locked-manual-contact = Per sbloccarlo, contattaci.
locked-manual-agent = Per sbloccarlo, rivolgiti a un amministratore.
locked-not-you-contact = Se non riconosci questi tentativi, avvisaci. La tua password non è stata indovinata.
locked-not-you-agent = Se non riconosci questi tentativi, avvisa un amministratore. La tua password non è stata indovinata.
locked-button = Vai alla pagina di accesso

password-subject = La tua password è stata cambiata
password-heading = La tua password è stata cambiata
password-text = La password del tuo account è stata cambiata.
password-not-you-contact = Se non riconosci questa modifica, contattaci subito.
password-not-you-agent = Se non riconosci questa modifica, avvisa subito un amministratore.
password-button = Vai alla pagina di accesso
