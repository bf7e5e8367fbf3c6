import type { en } from './en.ts'
import { translationOf } from './translation.ts'

/** The standard texts in German. */
export const de = translationOf<typeof en>()({
  flow_title: {
    user: '{service} hinzufügen',
    reauth: '{name} neu verbinden',
    reconfigure: '{name} bearbeiten',
    discovery: '{name} hinzufügen',
    import: '{service} hinzufügen',
    replace: 'Konto von {name} wechseln',
    options: 'Optionen für {name}',
    subentry: '{what} zu {name} hinzufügen',
    subentry_change: '{name} bearbeiten',
  },
  step: {
    reauth_confirm: {
      description:
        '{secret, select, none {Ihre gespeicherten Zugangsdaten funktionieren nicht mehr. Geben Sie neue ein. Sie werden} other {Der gespeicherte Wert für „{secret}“ funktioniert nicht mehr. Geben Sie einen neuen ein. Er wird}} vor dem Speichern geprüft.',
      requested:
        'Melden Sie sich bei {name} neu an. Die bisherige Anmeldung gilt weiter, bis die neue funktioniert.',
      pending_expiration:
        'Die Anmeldung bei {name} läuft bald ab. Sie wird erst ersetzt, wenn die neue funktioniert.',
      wrong_account:
        'Bei {name} hat sich ein anderes Konto gemeldet. Melden Sie sich wieder als {account} an.',
    },
    discovery_confirm: {
      description:
        'Gefunden unter {host}. Prüfen Sie die Angaben. Die Verbindung wird vor dem Speichern getestet.',
    },
    reconfigure: {
      description: 'Die Änderungen werden vor dem Speichern getestet.',
      moved:
        'Ein Gerät in Ihrem Netzwerk meldet sich als {name}. {secret, select, none {Prüfen Sie die Adresse: Gespeicherte Zugangsdaten werden nie an eine neue Adresse gesendet} other {Geben Sie „{secret}“ noch einmal ein: Der gespeicherte Wert wird nie an eine neue Adresse gesendet}}.',
    },
    repair_confirm: {
      description:
        '{name} ist schon verbunden, aber die Anmeldung funktioniert nicht mehr. Möchten Sie sie durch diese ersetzen?',
    },
    account_confirm: {
      description:
        'Gefunden wurde {name}, diese Anmeldung gehört aber zu {account}. Möchten Sie {account} verbinden?',
    },
    replace: {
      description:
        'Melden Sie sich mit dem Konto an, das {name} ersetzen soll. Vor dem Wechsel werden Sie noch einmal gefragt.',
    },
    replace_confirm: {
      description:
        'Die gespeicherten Zugangsdaten von {name} werden gelöscht, und die Verbindung heißt künftig {account}. Die Optionen bleiben erhalten.',
      menu_options: { replace: 'Zu {account} wechseln', cancel: 'Abbrechen' },
    },
    challenge: { description: '{service} benötigt noch eine Angabe.' },
    pick_method: { description: 'Wie möchten Sie sich anmelden?' },
    authorize: {
      description: 'Sie melden sich bei {service} an und kommen danach hierher zurück.',
      as: 'Melden Sie sich als {account} an.',
    },
    device: {
      description: 'Scannen Sie den QR-Code oder öffnen Sie {host} und geben Sie dort diesen Code ein.',
    },
  },
  submit: {
    next: 'Weiter',
    last: 'Speichern',
    user: 'Hinzufügen',
    reauth: 'Neu verbinden',
  },
  error: {
    cannot_connect: '{host} ist nicht erreichbar.',
    invalid_auth:
      '{service} hat {secret, select, none {diese Anmeldung} other {die Eingabe bei „{secret}“}} abgelehnt.',
    timeout: '{service} hat nicht rechtzeitig geantwortet.',
    rate_limited: 'Zu viele Versuche.',
    unknown: '{message, select, none {Etwas ist schiefgegangen.} other {{message}}}',
    setup_error:
      '{message, select, none {{service} lässt sich mit diesen Angaben nicht einrichten.} other {{message}}}',
    wrong_account:
      '{found, select, none {Sie haben sich mit einem anderen Konto angemeldet.} other {Sie haben sich als {found} angemeldet. Diese Verbindung gehört zu {expected}.}}',
    cancelled: 'Es wurde nichts geändert.',
    authorize_rejected: 'Der Zugriff wurde bei {service} verweigert.',
    consent_required: '{service} verlangt die Zustimmung eines Administrators.',
    authorize_expired: 'Die Anmeldung hat zu lange gedauert. Beginnen Sie von vorn.',
    authorize_failed: 'Die Anmeldung bei {service} hat nicht funktioniert. Beginnen Sie von vorn.',
    expired: 'Das hat zu lange gedauert. Wiederholen Sie die Eingabe.',
    code_expired: 'Dieser Code ist abgelaufen. Verwenden Sie den neuen.',
    no_options: 'Es steht nichts zur Auswahl. Gehen Sie zurück und prüfen Sie Ihre Eingaben.',
    reauth_required: 'Verbinden Sie {name} zuerst neu.',
    entry_not_loaded:
      '{name} ist gerade nicht verbunden. Versuchen Sie es noch einmal, sobald die Verbindung steht.',
    authorize_foreign:
      'Diese Anmeldung wurde in einem anderen Browser begonnen. Beginnen Sie sie hier von vorn.',
    required: 'Füllen Sie dieses Feld aus.',
    enter_again:
      'Andere Angaben haben sich geändert. Geben Sie diesen Wert noch einmal ein oder entfernen Sie ihn.',
    invalid_type:
      '{type, select, integer {Geben Sie eine ganze Zahl ein.} number {Geben Sie eine Zahl ein.} boolean {Wählen Sie Ja oder Nein.} other {Diese Art von Wert passt hier nicht.}}',
    too_small:
      '{type, select, string {Verwenden Sie mindestens {limit} Zeichen.} number {Geben Sie mindestens {limit} ein.} array {Wählen Sie mindestens {limit} aus.} other {Das ist zu kurz oder zu klein.}}',
    too_big:
      '{type, select, string {Verwenden Sie höchstens {limit} Zeichen.} number {Geben Sie höchstens {limit} ein.} array {Wählen Sie höchstens {limit} aus.} other {Das ist zu lang oder zu groß.}}',
    invalid_format:
      '{example, select, none {Prüfen Sie das Format.} other {Verwenden Sie dieses Format: {example}.}}',
    invalid_value: 'Wählen Sie eine der Möglichkeiten aus.',
    no_list: 'Die Liste kann nicht geladen werden.',
    invalid_characters:
      'Hier steht ein Zeichen, das nicht dazugehört, zum Beispiel ein Leerzeichen, ein Anführungszeichen oder ein Zeilenumbruch. Kopieren Sie den Wert noch einmal.',
    invalid_address: 'Geben Sie einen Hostnamen oder eine IP-Adresse ein, zum Beispiel 192.168.1.2:8080.',
    address_has_credentials: 'Lassen Sie Benutzername und Passwort in der Adresse weg.',
    address_scheme: 'Diese Art von Adresse wird nicht unterstützt.',
    invalid: 'Dieser Wert ist ungültig.',
  },
  advice: {
    cannot_connect:
      'Prüfen Sie, ob die Adresse stimmt und ob das Gerät eingeschaltet und im selben Netzwerk ist.',
    invalid_auth: 'Prüfen Sie, ob Sie sich vertippt haben, oder erstellen Sie neue Zugangsdaten.',
    timeout: 'Versuchen Sie es gleich noch einmal.',
    rate_limited:
      'Versuchen Sie es in {minutes, plural, =0 {{seconds, plural, =0 {einem Moment} one {# Sekunde} other {# Sekunden}}} other {# Minuten}} noch einmal.',
    unknown:
      '{ref, select, none {Versuchen Sie es noch einmal. Wenn es wieder passiert, wenden Sie sich an Ihre Administration.} other {Versuchen Sie es noch einmal. Wenn es wieder passiert, nennen Sie Ihrer Administration die Referenz {ref}.}}',
    wrong_account:
      '{found, select, none {Es wurde nichts geändert. Melden Sie sich mit dem Konto dieser Verbindung an.} other {Es wurde nichts geändert. Melden Sie sich als {expected} an, oder stellen Sie diese Verbindung auf {found} um.}}',
    authorize_rejected: 'Beginnen Sie von vorn und erlauben Sie den Zugriff.',
    setup_error:
      '{message, select, none {Prüfen Sie Ihre Eingabe und versuchen Sie es noch einmal.} other {Versuchen Sie es noch einmal, nachdem Sie es behoben haben.}}',
    consent_required:
      'Bitten Sie den Administrator Ihrer Organisation, diese Anwendung freizugeben. Melden Sie sich danach noch einmal an.',
  },
  abort: {
    already_configured:
      '{existing, select, none {Dieses Konto ist schon verbunden.} other {{existing} ist schon verbunden.}}',
    already_in_progress: 'Das wurde in einem anderen Fenster fortgesetzt.',
    reauth_successful: '{name} ist wieder verbunden.',
    reconfigure_successful: 'Änderungen gespeichert.',
    replace_successful:
      '{account, select, none {Das Konto wurde gewechselt.} other {Zu {account} gewechselt.}}',
    same_account: 'Dieses Konto wird schon verwendet. Um sich neu anzumelden, wählen Sie „Neu verbinden“.',
    options_successful: 'Optionen gespeichert.',
    entry_removed: '{name} wurde entfernt.',
    too_many_subentries: 'Hier kann nichts mehr hinzugefügt werden.',
    entry_changed: '{name} wurde von jemand anderem geändert. Öffnen Sie die Verbindung noch einmal.',
    entry_disabled: '{name} ist deaktiviert. Aktivieren Sie die Verbindung zuerst.',
    flow_expired: 'Dieses Formular ist abgelaufen. Beginnen Sie von vorn.',
    single_instance_allowed: '{service} lässt sich nur einmal hinzufügen.',
    ignored: 'Ignoriert. Es wird nicht mehr vorgeschlagen.',
    challenge_required: '{service} verlangt eine Angabe, die nur ein Mensch machen kann.',
    cancelled: 'Es wurde nichts geändert.',
    wrong_account:
      '{found, select, none {Sie haben sich mit einem anderen Konto angemeldet.} other {Sie haben sich als {found} angemeldet. Diese Verbindung gehört zu {expected}.}}',
    unknown: '{message, select, none {Etwas ist schiefgegangen.} other {{message}}}',
  },
  progress: {
    findingEntry: 'Einen Moment …',
    findingChoices: 'Auswahl wird geladen …',
    checkingConnection: '{host} wird geprüft …',
    findingAccount: 'Einen Moment …',
    noticingEntry: 'Einen Moment …',
    proposingAddress: 'Einen Moment …',
    keepingAddress: 'Einen Moment …',
    withdrawingProposal: 'Einen Moment …',
    followingAddress: 'Wird verbunden …',
    findingSaved: 'Wird gespeichert …',
    ignoringAccount: 'Wird gespeichert …',
    creatingEntry: 'Wird gespeichert …',
    updatingEntry: 'Wird gespeichert …',
    savingOptions: 'Wird gespeichert …',
    findingSubentry: 'Einen Moment …',
    checkingSubentry: '{host} wird geprüft …',
    savingSubentry: 'Wird gespeichert …',
    loadingSubentry: 'Wird verbunden …',
    tryingEntry: 'Wird verbunden …',
    rollingBack: 'Keine Verbindung. Die vorherigen Einstellungen werden wiederhergestellt …',
    findingRestored: 'Keine Verbindung. Die vorherigen Einstellungen werden wiederhergestellt …',
    reloadingEntry: 'Wird verbunden …',
    beginningAuthorization: '{service} wird geöffnet …',
    exchangingCode: 'Anmeldung wird abgeschlossen …',
    claimingPoll: 'Einen Moment …',
    requestingCode: 'Code wird angefordert …',
    pollingToken: 'Warten auf Ihre Anmeldung …',
  },
  create_entry: '{name} ist verbunden.',
  create_subentry: '{what} hinzugefügt.',
  not_running: 'Gespeichert, aber noch nicht verbunden: {state}.',
  attention: {
    invalid_auth:
      '{service} akzeptiert {secret, select, none {die gespeicherten Zugangsdaten} other {den gespeicherten Wert für „{secret}“}} nicht mehr.',
    requested: 'Eine neue Anmeldung wurde angefordert.',
    refresh_failed:
      'Die gespeicherte Anmeldung lässt sich seit einiger Zeit nicht erneuern. Weitere Versuche folgen automatisch. Wenn das nicht hilft, melden Sie sich neu an.',
    client_refused:
      '{service} lehnt diese Anwendung ab, daher lassen sich Anmeldungen nicht erneuern. Ihre Administration muss Client-ID und Client-Secret prüfen.',
    wrong_account:
      '{found, select, none {Unter {host} antwortet ein anderes Konto.} other {Unter {host} antwortet ein anderes Konto: {found}.}}',
    setup_error:
      '{message, select, none {Die Einrichtung ist fehlgeschlagen. Prüfen Sie die Einstellungen.} other {{message}}}',
    integration_missing: 'Die Anwendung enthält nicht mehr, was diese Verbindung braucht.',
    migration_error:
      'Die gespeicherten Daten ließen sich nicht aktualisieren. Es ist nichts verloren gegangen.',
    newer_version:
      'Eine neuere Version von {service} hat die Daten gespeichert. Aktualisieren Sie die Integration.',
    pending_expiration:
      '{when, select, none {Die Anmeldung läuft bald ab.} other {Die Anmeldung läuft am {when} ab.}}',
    identity_taken: 'Es ist dasselbe Konto wie {other}. Entfernen Sie eine der beiden Verbindungen.',
    address_changed:
      'Es wurde eine neue Adresse gemeldet. Übernehmen Sie sie nur, wenn Sie das Gerät umgestellt oder Ihr Netzwerk geändert haben.',
    unreadable: 'Die gespeicherten Daten sind nicht lesbar.',
    webhook_off:
      'An {name} werden keine Ereignisse mehr gesendet, weil sie dort nicht angenommen wurden. Prüfen Sie den Empfänger und schalten Sie den Webhook dann wieder ein.',
  },
  state: {
    not_loaded: 'Nicht verbunden',
    migrating: 'Wird aktualisiert …',
    setup_in_progress: 'Wird verbunden …',
    loaded: 'Verbunden',
    setup_retry: 'Neuer Versuch folgt',
    setup_error: 'Einrichtung fehlgeschlagen',
    reauth_required: 'Anmeldung erforderlich',
    migration_error: 'Aktualisierung fehlgeschlagen',
    unload_in_progress: 'Wird getrennt …',
    failed_unload: 'Trennen fehlgeschlagen',
    quiet: 'Antwortet nicht',
    ready: 'Bereit',
    disabled: 'Deaktiviert',
  },
})
