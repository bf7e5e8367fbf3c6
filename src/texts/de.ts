import type { en } from './en.ts'
import { translationOf } from './translation.ts'

/** The standard texts in German. */
export const de = translationOf<typeof en>()({
  flow_title: {
    user: '{name} hinzufügen',
    reauth: '{name} neu verbinden',
    reconfigure: '{name} bearbeiten',
    discovery: '{name} hinzufügen',
    import: '{name} hinzufügen',
    replace: 'Konto wechseln: {name}',
    options: 'Optionen für {name}',
    subentry: 'Zu {name} hinzufügen',
    subentry_change: '{name} bearbeiten',
  },
  step: {
    reauth_confirm: {
      description:
        'Ihre gespeicherte Anmeldung funktioniert nicht mehr. Geben Sie eine neue ein. Sie wird vor dem Speichern geprüft.',
    },
    discovery_confirm: {
      description:
        '{name} wurde gefunden. Prüfen Sie die Angaben. Vor dem Speichern wird die Verbindung getestet.',
    },
    reconfigure: { description: 'Die Änderungen werden vor dem Speichern getestet.' },
    repair_confirm: {
      description:
        '{name} ist schon verbunden, aber die Anmeldung funktioniert nicht mehr. Diese dafür speichern?',
    },
    account_confirm: {
      description:
        'Diese Anmeldung gehört zu {account}, nicht zu {name}, das gefunden wurde. {account} verbinden?',
    },
    replace: {
      description:
        'Melden Sie sich mit dem Konto an, das {name} ersetzen soll. Bevor sich etwas ändert, müssen Sie noch bestätigen.',
    },
    replace_confirm: {
      description:
        'Die gespeicherte Anmeldung von {name} wird gelöscht, und der Name wird zu {account}. Die Optionen bleiben.',
      menu_options: { replace: 'Zu {account} wechseln', cancel: '{name} behalten' },
    },
    challenge: { description: '{name} braucht noch eine Angabe.' },
    pick_method: { description: 'Wie möchten Sie sich anmelden?' },
    authorize: { description: 'Sie melden sich beim Dienst an und kommen danach hierher zurück.' },
    device: {
      description: 'Öffnen Sie diese Adresse auf einem beliebigen Gerät und geben Sie den Code ein.',
    },
  },
  submit: {
    next: 'Weiter',
    last: 'Speichern',
  },
  error: {
    cannot_connect: 'Der Dienst ist nicht erreichbar.',
    invalid_auth:
      'Der Dienst hat diese Anmeldung abgelehnt. Prüfen Sie die Eingabe und versuchen Sie es erneut.',
    timeout: 'Der Dienst hat zu lange nicht geantwortet.',
    rate_limited: 'Zu viele Versuche.',
    unknown: 'Etwas ist schiefgegangen. Einzelheiten stehen im Protokoll.',
    wrong_account: 'Sie haben sich mit einem anderen Konto angemeldet. Es wurde nichts geändert.',
    cancelled: 'Abgebrochen. Es wurde nichts geändert.',
    authorize_rejected:
      'Der Zugriff wurde beim Dienst verweigert. Beginnen Sie von vorn und erlauben Sie den Zugriff.',
    authorize_expired: 'Die Anmeldung hat zu lange gedauert. Beginnen Sie von vorn.',
    authorize_failed: 'Die Anmeldung beim Dienst hat nicht funktioniert. Beginnen Sie von vorn.',
    expired: 'Das hat zu lange gedauert. Geben Sie es noch einmal ein.',
    code_expired: 'Dieser Code ist abgelaufen. Verwenden Sie den neuen.',
    no_options: 'Es gibt nichts zur Auswahl. Gehen Sie zurück und prüfen Sie Ihre Eingabe.',
    reauth_required: 'Die gespeicherte Anmeldung funktioniert nicht mehr. Melden Sie sich zuerst neu an.',
    entry_not_loaded: 'Gerade besteht keine Verbindung. Versuchen Sie es wieder, sobald sie steht.',
    authorize_foreign:
      'Diese Anmeldung wurde in einem anderen Browser begonnen. Beginnen Sie sie hier von vorn.',
    required: 'Dieses Feld muss ausgefüllt werden.',
    enter_again:
      'Geben Sie es noch einmal ein oder entfernen Sie es, weil sich andere Angaben geändert haben.',
    invalid_type: 'Dieser Wert hat nicht den richtigen Typ.',
    too_small: 'Das ist zu kurz oder zu klein.',
    too_big: 'Das ist zu lang oder zu groß.',
    invalid_format: 'Prüfen Sie das Format.',
    invalid_value: 'Wählen Sie eine der Möglichkeiten.',
    invalid_characters:
      'Das enthält ein Zeichen, das nicht dazugehört, zum Beispiel ein Anführungszeichen oder einen Zeilenumbruch. Kopieren Sie es noch einmal.',
    invalid_address: 'Geben Sie einen Hostnamen oder eine IP-Adresse ein, zum Beispiel 192.168.1.2:8080.',
    address_has_credentials: 'Lassen Sie Benutzername und Passwort in der Adresse weg.',
    address_scheme: 'Diese Art von Adresse wird nicht unterstützt.',
    invalid: 'Dieser Wert ist ungültig.',
  },
  abort: {
    already_configured: 'Dieses Konto ist schon verbunden.',
    already_in_progress: 'Das wurde in einem anderen Fenster fortgesetzt.',
    reauth_successful: 'Die neue Anmeldung funktioniert und ist gespeichert.',
    reconfigure_successful: 'Änderungen gespeichert.',
    replace_successful: 'Das Konto wurde gewechselt.',
    same_account:
      'Dieses Konto wird schon verwendet. Um sich dort neu anzumelden, verbinden Sie es stattdessen neu.',
    options_successful: 'Optionen gespeichert.',
    entry_removed: 'Diese Verbindung wurde entfernt.',
    too_many_subentries: 'Hier kann nichts mehr hinzugefügt werden.',
    entry_changed: 'Diese Verbindung wurde von jemand anderem geändert. Öffnen Sie sie noch einmal.',
    entry_disabled: 'Diese Verbindung ist deaktiviert. Aktivieren Sie sie zuerst.',
    flow_expired: 'Dieses Formular ist abgelaufen. Beginnen Sie von vorn.',
    single_instance_allowed: 'Das lässt sich nur einmal hinzufügen.',
    ignored: 'Ignoriert. Es wird nicht mehr vorgeschlagen.',
    challenge_required: 'Der Dienst fragt nach etwas, das nur Sie beantworten können.',
    cancelled: 'Abgebrochen. Es wurde nichts geändert.',
    wrong_account: 'Sie haben sich mit einem anderen Konto angemeldet. Es wurde nichts geändert.',
    unknown: 'Etwas ist schiefgegangen. Einzelheiten stehen im Protokoll.',
  },
  progress: {
    findingEntry: 'Einen Moment …',
    findingOptions: 'Auswahl wird geladen …',
    checkingConnection: 'Verbindung wird geprüft …',
    findingAccount: 'Einen Moment …',
    noticingEntry: 'Einen Moment …',
    proposingAddress: 'Einen Moment …',
    keepingAddress: 'Einen Moment …',
    withdrawingProposal: 'Einen Moment …',
    followingAddress: 'Wird verbunden …',
    ignoringAccount: 'Wird gespeichert …',
    creatingEntry: 'Wird gespeichert …',
    updatingEntry: 'Wird gespeichert …',
    savingOptions: 'Wird gespeichert …',
    findingSubentry: 'Einen Moment …',
    checkingSubentry: 'Verbindung wird geprüft …',
    savingSubentry: 'Wird gespeichert …',
    loadingSubentry: 'Wird verbunden …',
    tryingEntry: 'Wird verbunden …',
    rollingBack: 'Keine Verbindung. Die vorigen Einstellungen werden wiederhergestellt …',
    reloadingEntry: 'Wird verbunden …',
    beginningAuthorization: 'Anmeldung wird gestartet …',
    exchangingCode: 'Anmeldung wird abgeschlossen …',
    requestingCode: 'Code wird angefordert …',
    pollingToken: 'Wartet, bis Sie sich angemeldet haben …',
  },
  create_entry: '{name} ist verbunden.',
  create_subentry: 'Hinzugefügt.',
  not_running: 'Noch nicht bereit: {state}',
  attention: {
    invalid_auth: 'Der Dienst akzeptiert die gespeicherte Anmeldung nicht mehr.',
    requested: 'Eine neue Anmeldung wurde angefordert.',
    refresh_failed:
      'Die gespeicherte Anmeldung ließ sich seit einiger Zeit nicht erneuern. Es wird automatisch weiter versucht. Wenn das nicht hilft, melden Sie sich neu an.',
    client_refused:
      'Der Dienst lehnt diese Anwendung ab, daher lassen sich Anmeldungen nicht erneuern. Die Verwaltung muss Client-ID und Client-Secret prüfen.',
    wrong_account: 'An dieser Adresse antwortet ein anderes Konto.',
    setup_error: 'Die Einrichtung ist fehlgeschlagen. Prüfen Sie die Einstellungen.',
    integration_missing: 'Die Anwendung enthält nicht mehr, was diese Verbindung braucht.',
    migration_error: 'Die gespeicherten Daten ließen sich nicht aktualisieren. Es ging nichts verloren.',
    newer_version: 'Eine neuere Version hat die Daten gespeichert. Aktualisieren Sie die Integration.',
    pending_expiration: 'Die Anmeldung läuft bald ab.',
    identity_taken: 'Es ist dasselbe Konto wie {other}. Entfernen Sie eine der beiden Verbindungen.',
    address_changed:
      'Es wurde eine neue Adresse gemeldet. Übernehmen Sie sie nur, wenn Sie das Gerät umgestellt oder Ihr Netz geändert haben.',
    unreadable: 'Die gespeicherten Daten sind nicht lesbar.',
    webhook_off:
      'An {name} werden keine Ereignisse mehr gesendet, weil es sie nicht angenommen hat. Prüfen Sie den Empfänger und schalten Sie den Webhook wieder ein.',
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
