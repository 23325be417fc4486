# Che cosa è andato storto.
error-bad-request-title = Questa richiesta non è comprensibile
error-bad-request-text = L’indirizzo o il modulo è incompleto. Torna indietro e riprova.
error-forbidden-title = Non ti è permesso
error-forbidden-text = Il tuo profilo o il tuo ruolo non lo consente. Nulla è stato modificato.
error-not-found-title = Pagina non trovata
error-not-found-text = Non esiste, oppure non è visibile per te.
error-conflict-title = Non è più possibile
error-conflict-text = Nel frattempo qualcosa è cambiato. Nulla di tuo è stato salvato; torna indietro e guarda di nuovo.
error-gone-title = Questo collegamento non vale più
error-gone-text = È già stato usato oppure è scaduto.
error-too-large-title = Troppo grande
error-too-large-text = Ciò che hai inviato supera il limite. Nulla è stato salvato.
error-too-many-title = Troppi tentativi
error-too-many-text = Per la sicurezza di tutti c’è una breve pausa.
error-internal-title = Qualcosa non ha funzionato da parte nostra
error-internal-text = Non dipende da te e lo abbiamo registrato. Riprova; se succede ancora, comunica all’assistenza il riferimento qui sotto.
error-unavailable-title = Torniamo tra un attimo
error-unavailable-text = Al momento una parte del portale non risponde. Ciò che era già salvato è al sicuro.
error-wait = { $count ->
    [one] Attendi { $number } secondo, poi riprova.
   *[other] Attendi { $number } secondi, poi riprova.
}
error-back = Torna indietro
error-home = Vai alla home
error-code = Errore
error-reference = Riferimento
error-form-stale-title = Questa pagina non è aggiornata
error-form-stale-text = Il modulo non corrisponde all’accesso attuale, quindi non è stato fatto nulla. Torna indietro, ricarica la pagina e riprova.
error-other-person-title = Ora l’accesso è di un’altra persona
error-other-person-text = Questo modulo era stato aperto da un’altra persona che aveva effettuato l’accesso in questo browser, quindi non è stato fatto nulla. Il testo è conservato per 15 minuti: chi lo ha scritto lo ritrova nel modulo dopo aver effettuato di nuovo l’accesso qui.
error-elsewhere-title = Questo arriva da un altro sito
error-elsewhere-text = Il modulo è stato inviato da una pagina che non è nostra. Non è stato fatto nulla. Apri tu il portale e fallo da lì.
error-no-origin-title = Il tuo browser non dice da dove arriva questo modulo
error-no-origin-text = Non ha inviato né l’origine né il referrer, quindi non possiamo distinguerlo dal modulo di un altro sito. Non è stato fatto nulla. Consenti al browser di inviare il referrer a questo sito, poi riprova.
error-typed = Quello che hai scritto
kept-typed = Non è ancora stato inviato nulla. Quello che avevi scritto è di nuovo nel modulo: controllalo, poi invialo.
kept-button = Non è ancora stato fatto nulla. Se lo vuoi ancora, premi di nuovo il pulsante.
kept-gone = Non è stato inviato nulla. Il modulo che hai usato non c’è più in questa pagina.
kept-lost = Questo non ha trovato posto nel modulo:
kept-go = Vai al testo
error-too-slow-title = L’invio ha richiesto troppo tempo
error-too-slow-text = Quello che hai inviato si è interrotto per strada, quindi non è stato fatto nulla. Torna indietro e invialo di nuovo.
