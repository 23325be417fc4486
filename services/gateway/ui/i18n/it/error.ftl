# Che cosa è andato storto.
error-bad-request-title = Questa richiesta non è comprensibile
error-bad-request-text = L’indirizzo o il modulo è incompleto. Torna indietro e riprova.
error-forbidden-title = Non ti è permesso
error-forbidden-text = Il tuo profilo non lo consente, oppure la pagina è rimasta aperta troppo a lungo. Nulla è stato modificato.
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
