# Ciò che sta intorno a ogni pagina, e le parole che ogni pagina usa.
skip-to-content = Vai al contenuto
title-error = Errore:
error-prefix = Errore:
summary-title = C’è un problema
required = obbligatorio
cancel = Annulla
retry = Riprova
menu = Menu
menu-label = Menu principale
menu-home = Home
menu-dashboard = Panoramica
menu-customers = Clienti
menu-records = Archivi
menu-more = Altro
menu-administration = Amministrazione
console-name = Console
account-menu = Menu utente:
sign-out = Esci
language = Lingua
theme = Aspetto
theme-system = Automatico
theme-light = Chiaro
theme-dark = Scuro
footer-demo = Sono caricati dati dimostrativi
crumbs-label = Posizione nel portale
pager-label = Pagine
pager-first = Prima pagina
pager-next = Pagina successiva
value-empty = Vuoto
value-yes = Sì
value-no = No
value-masked = In parte nascosto
person-erased = Contatto cancellato
person-deleted = (eliminato)
ago-now = adesso
ago-minutes = { $count ->
    [one] { $number } minuto fa
   *[other] { $number } minuti fa
}
ago-hours = { $count ->
    [one] { $number } ora fa
   *[other] { $number } ore fa
}
ago-days = { $count ->
    [one] ieri
   *[other] { $number } giorni fa
}
flash-saved = Le modifiche sono salvate.
flash-created = Elemento creato.
flash-received = Abbiamo ricevuto la tua richiesta. Ogni risposta appare qui.
flash-deleted = Elemento eliminato. Può essere ripristinato.
flash-restored = Elemento ripristinato.
flash-commented = La risposta è stata inviata.
flash-noted = La nota interna è stata aggiunta. Il cliente non la vede.
flash-commented-and-set = La risposta è inviata e lo stato è impostato.
flash-comment-changed = Il messaggio è modificato.
flash-comment-removed = Il messaggio è ritirato.
flash-comment-settled = È troppo tardi per modificare questo messaggio.
flash-marked-unread = Segnato come da leggere.
flash-access-enabled = L’accesso al portale è attivo. L’invito è in partenza.
flash-access-enabled-not-sent = L’accesso al portale è attivo, ma nessun invito è stato inviato: il periodo di supporto è già terminato.
flash-dates-changed = Le date di supporto sono cambiate.
flash-access-disabled = L’accesso al portale è disattivato. Tutte le sessioni sono terminate.
flash-invitation-resent = Un nuovo invito è in partenza. Il vecchio collegamento non vale più.
flash-unlocked = Sbloccato. Ora l’accesso è di nuovo possibile.
flash-nothing-chosen = Nessun utente scelto. Selezionane almeno uno.
flash-profile-chosen = Il profilo è impostato. Vale entro un secondo.
flash-resent = Il messaggio sarà inviato di nuovo.
flash-unchanged = Nulla era diverso, quindi nulla è stato salvato.
flash-no-record-chosen = Nessun record selezionato. Spuntane almeno uno.
flash-no-change-chosen = Scegli prima che cosa impostare.
flash-selection-undone = La modifica è annullata.
