# Testi dei messaggi. L'inglese è la fonte; ogni lingua ha le stesse chiavi con gli stessi segnaposto.

greeting = Buongiorno { $name },
greeting-unnamed = Buongiorno,
quote-by = { $author } ha scritto:
quote-unnamed = La risposta:
button-instead = Se il pulsante non funziona, apri questo indirizzo:
footer-sign-in = Accedi da { $url }
footer-automatic = Messaggio inviato automaticamente da { $company }.
reason-record-received = Ricevi questo messaggio perché ci hai inviato questa richiesta.
reason-record-contact = Ricevi questo messaggio perché la richiesta ti riguarda.
reason-record-agent = Ricevi questo messaggio perché il record è assegnato a te.
reason-operator = Ricevi questo messaggio perché questo indirizzo è previsto per ciò che non raggiungerebbe nessuno.
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

# Come un messaggio nomina un record; senza titolo quando chi legge non lo può vedere.
record-titled = { $module } { $number } – { $title }
record-untitled = { $module } { $number }

received-subject = Abbiamo ricevuto la tua richiesta: { $record }
received-heading = La tua richiesta è arrivata
received-text = Abbiamo ricevuto: { $record }
received-next = Il suo numero è { $number }. Ti scriviamo appena abbiamo una risposta o una domanda; fino ad allora non devi fare nulla.
received-more = Manca qualcosa? Aggiungilo nel portale; le risposte a questo messaggio non vengono lette.

assigned-subject = Nuova assegnazione: { $record }
assigned-heading = Una nuova assegnazione per te
assigned-text = Da ora è di tua competenza: { $record }
assigned-button = Apri { $number }

commented-contact-subject = Nuova risposta: { $record }
commented-contact-heading = C'è una risposta per te
commented-contact-text = Abbiamo risposto su { $record }
commented-contact-reply = Per favore rispondi nel portale; le risposte a questo messaggio non vengono lette.
commented-alone-reply = Le risposte a questo messaggio non vengono lette. Per rispondere, contattaci come fai di solito.
commented-beside-contact-subject = Nuovo commento: { $record }
commented-beside-contact-heading = C'è un nuovo commento
commented-beside-contact-text = C'è un nuovo commento su { $record }
commented-agent-subject = Il cliente ha risposto: { $record }
commented-agent-heading = Il cliente ha risposto
commented-agent-text = C'è una nuova risposta su { $record }
commented-beside-agent-subject = Ha risposto un collega: { $record }
commented-beside-agent-heading = Ha risposto un collega
commented-beside-agent-text = Un collega ha risposto al cliente su { $record }
commented-button = Apri { $number }

# All'indirizzo del gestore, al posto di un responsabile che non si può avvisare.
operator-subject = Serve un responsabile: { $record }
operator-heading = Serve qualcuno che se ne occupi
operator-made = Un cliente ha aperto { $record }
operator-assigned = È stato indicato un responsabile per { $record }
operator-commented = C'è una nuova risposta su { $record }
operator-no-owner = Non è assegnato a nessuno.
operator-owner-disabled = { $name }, a cui è assegnato, non può più accedere.
operator-owner-hidden = { $name }, a cui è assegnato, non lo può più vedere.
operator-owner-no-address = { $name }, a cui è assegnato, non ha un indirizzo e-mail.
operator-someone-disabled = La persona a cui è assegnato non può più accedere.
operator-someone-hidden = La persona a cui è assegnato non lo può più vedere.
operator-someone-no-address = La persona a cui è assegnato non ha un indirizzo e-mail.
operator-ask = Assegnalo per favore a chi possa rispondere.

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

security-not-you-contact = Se non riconosci questa operazione, contattaci subito.
security-not-you-agent = Se non riconosci questa operazione, avvisa subito un amministratore.
security-button = Vai alla pagina di accesso

reset-subject = Scegli una nuova password
reset-heading = Scegli una nuova password
reset-by-you = Qualcuno ha chiesto una nuova password per il tuo account.
reset-by-agent = { $company } ti invia questo link per scegliere una nuova password.
reset-after = La password attuale resta valida finché non ne scegli un'altra. Una nuova password chiude tutte le tue sessioni; la verifica in due passaggi resta com'è.
reset-button = Scegli una nuova password
reset-expiry = Il link funziona una sola volta e per 30 minuti, fino a: { $time }.
reset-unexpected = Se non aspettavi questo messaggio, puoi ignorarlo: senza il link non cambia nulla.

one-time-subject = È stata impostata una password monouso per te
one-time-heading = È stata impostata una password monouso per te
one-time-text = Abbiamo impostato per il tuo account una password che funziona una sola volta. Per sicurezza non è in questo messaggio: te la comunica chi l'ha impostata.
one-time-change = Quando accedi con quella password ne scegli una tua. Tutte le tue sessioni sono state chiuse.
one-time-until = La password monouso è valida fino a: { $time }.
one-time-not-you-contact = Se non ce l'hai chiesta, contattaci subito.
one-time-not-you-agent = Se non l'hai chiesta, avvisa subito un amministratore.
one-time-button = Vai alla pagina di accesso

login-confirm-subject = Conferma il tuo nuovo indirizzo di accesso
login-confirm-heading = Conferma il tuo nuovo indirizzo di accesso
login-confirm-text = Vuoi accedere con questo indirizzo da ora in poi. Conferma che è tuo.
login-confirm-by-agent = I tuoi dati di contatto sono cambiati: vorremmo che da ora in poi accedessi con questo indirizzo. Conferma che è tuo.
login-confirm-announced = Fino ad allora accedi come prima. Abbiamo avvisato anche il tuo indirizzo attuale.
login-confirm-button = Conferma l'indirizzo
login-confirm-expiry = Il link funziona una sola volta, fino a: { $time }.
login-confirm-unexpected = Se non l'hai chiesto, puoi ignorare questo messaggio: senza il link non cambia nulla.

login-announced-subject = È stato chiesto un altro indirizzo di accesso
login-announced-heading = È stato chiesto un altro indirizzo di accesso
login-announced-text = Qualcuno che ha effettuato l'accesso al tuo account vuole accedere con un altro indirizzo e-mail da ora in poi.
login-announced-by-agent = I tuoi dati di contatto sono cambiati: abbiamo chiesto che un altro indirizzo e-mail diventi quello con cui accedi.
login-announced-confirm = Il cambio avviene quando viene aperto il link nel nostro messaggio al nuovo indirizzo. Fino ad allora accedi come prima.

login-changed-subject = Il tuo indirizzo di accesso è cambiato
login-changed-heading = Il tuo indirizzo di accesso è cambiato
login-changed-by-you = Il nuovo indirizzo con cui accedi è stato confermato.
login-changed-by-agent = Abbiamo cambiato ciò con cui accedi.
login-changed-now = Da ora accedi come { $login }. La password resta la stessa.
login-changed-left = Con questo indirizzo non puoi più accedere.

factor-added-subject = Verifica in due passaggi aggiunta al tuo account
factor-added-heading = Verifica in due passaggi aggiunta al tuo account
factor-added-totp = Da ora accedi con la password e un codice della tua app di autenticazione.
factor-added-passkey = È stata aggiunta una passkey al tuo account.
factor-added-passkey-named = È stata aggiunta una passkey al tuo account: { $name }

factor-removed-subject = Verifica in due passaggi rimossa dal tuo account
factor-removed-heading = Verifica in due passaggi rimossa dal tuo account
factor-removed-totp = L'app di autenticazione è stata rimossa dal tuo account.
factor-removed-totp-by-agent = Abbiamo rimosso l'app di autenticazione dal tuo account.
factor-removed-passkey = Una passkey è stata rimossa dal tuo account.
factor-removed-passkey-by-agent = Abbiamo rimosso una passkey dal tuo account.
factor-removed-all = La verifica in due passaggi è stata rimossa del tutto dal tuo account.
factor-removed-all-by-agent = Abbiamo rimosso del tutto la verifica in due passaggi dal tuo account, così puoi configurarla di nuovo.

code-used-subject = È stato usato un codice di recupero
code-used-heading = È stato usato un codice di recupero
code-used-text = Qualcuno ha effettuato l'accesso al tuo account con la password e uno dei tuoi codici di recupero.
code-used-left = { $left ->
    [0] Non resta nessun codice di recupero.
    [1] Resta 1 codice di recupero.
   *[other] Restano { $left } codici di recupero.
}
code-used-few = Creane presto di nuovi.

codes-made-subject = Hai nuovi codici di recupero
codes-made-heading = Hai nuovi codici di recupero
codes-made-text = Per il tuo account sono stati creati { $count } nuovi codici di recupero. Quelli precedenti non funzionano più.
