# Accesso al portale per molti contatti insieme.
bulk-title = Accesso in blocco
bulk-new = Attiva molti contatti
bulk-lead = Dai l’accesso al portale a molti contatti insieme. Prima vedi che cosa succederebbe; nulla cambia finché non lo avvii.
bulk-empty-title = Ancora nessun lavoro
bulk-who = Chi
bulk-how = Come
bulk-list = Dall’elenco
bulk-list-count = { $count ->
    [one] { $number } contatto
   *[other] { $number } contatti
}
bulk-company-search = Trova aziende
bulk-company-hint = Scrivi una parte del nome, poi premi «Trova aziende» qui sotto. Tutti i contatti di un’azienda selezionata ricevono l’accesso.
bulk-company-button = Trova aziende
bulk-companies = Aziende
bulk-contacts = Contatti
bulk-contacts-hint = Uno per riga: un indirizzo e-mail, un numero come CN12 o un id. Al massimo 2.000 righe.
bulk-profile-hint = Senza scelta, il profilo segue dalle regole.
bulk-profile-none = Secondo le regole
bulk-invite = Invia gli inviti
bulk-invite-hint = Senza, l’accesso è attivo e gli inviti si possono inviare dopo.
bulk-check = Controlla
bulk-report = Che cosa succederebbe
bulk-report-title = { $count ->
    [one] Rapporto per { $number } contatto
   *[other] Rapporto per { $number } contatti
}
bulk-report-lead = Non è ancora cambiato nulla.
bulk-would-enable = { $count ->
    [one] { $number } contatto riceverebbe l’accesso.
   *[other] { $number } contatti riceverebbero l’accesso.
}
bulk-nobody = Nessuno riceverebbe l’accesso. Torna indietro e scegli altri.
bulk-not-sent = Nessun invito partirebbe: il periodo di supporto è già finito.
bulk-not-found = Nessuno trovato per: { $lines }
bulk-outcomes = Esiti
bulk-how-many = Quanti
bulk-start = { $count ->
    [one] Attiva { $number } contatto
   *[other] Attiva { $number } contatti
}
bulk-back = Modifica
bulk-rows = Contatto per contatto
bulk-first-rows = { $count ->
    [one] Il primo contatto.
   *[other] I primi { $number } contatti.
}
bulk-contact = Contatto
bulk-email = E-mail
bulk-result = Risultato
bulk-nameless = Contatto sconosciuto
bulk-outcome-enable = Riceve l’accesso
bulk-outcome-already-enabled = Ha già l’accesso
bulk-outcome-no-email = Nessun indirizzo e-mail
bulk-outcome-bad-email = Indirizzo e-mail non valido
bulk-outcome-duplicate = Stesso indirizzo e-mail di un altro contatto qui
bulk-outcome-login-taken = Qualcun altro accede con questo indirizzo
bulk-outcome-unknown = Sconosciuto
bulk-outcome-deleted = Eliminato
bulk-row-waiting = In attesa
bulk-row-enabled = Accesso attivo
bulk-row-not-invited = Accesso attivo, senza invito
bulk-row-skipped = Escluso
bulk-row-cancelled = Fermato prima
bulk-reason-support-ended = Il periodo di supporto è finito
bulk-reason-agent = Account di un operatore
bulk-job-title = { $count ->
    [one] Accesso per { $number } contatto
   *[other] Accesso per { $number } contatti
}
bulk-running = In corso
bulk-finished = Terminato
bulk-cancelled = Fermato
bulk-progress = Avanzamento
bulk-progress-value = { $done } di { $all }
bulk-started = Avviato
bulk-started-by = Avviato da
bulk-ended = Terminato il
bulk-stop = Ferma
bulk-stop-title = Fermare questo lavoro?
bulk-stop-text = Ciò che è fatto resta. I contatti rimanenti non ricevono l’accesso.
bulk-download = Scarica come CSV
bulk-no-rows = Nessun contatto ha questo risultato.
bulk-fault-nobody = Scegli almeno un’azienda o un contatto.
bulk-fault-too-many = Al massimo 20.000 contatti insieme.
bulk-fault-no-company = Nessuna azienda trovata. Prova un altro nome.
bulk-csv-number = Numero
bulk-csv-id = Id del contatto
bulk-csv-reason = Motivo
bulk-from-list = Dai loro l’accesso al portale
