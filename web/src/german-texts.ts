import type { Texts } from '../../src/react/mantine/index.ts'
import { de } from '../../src/texts/de.ts'

/** The sentences of the components in German. */
export const germanTexts: Texts = {
  codes: {
    ...de.error,
    UNAUTHORIZED: 'Dieser Schlüssel oder Link gilt hier nicht.',
    FORBIDDEN: 'Dazu fehlt das Recht.',
    NOT_FOUND: 'Das gibt es hier nicht. Es ist vielleicht beendet oder entfernt worden.',
    LINK_ENDED: 'Dieser Link ist abgelaufen, widerrufen oder schon benutzt. Bitten Sie um einen neuen.',
    NOTHING_TO_REPAIR: 'Dieser Eintrag braucht keine neue Anmeldung: Es gibt nichts zu verlinken.',
    NO_UNIQUE_ID:
      'Dieser Eintrag hat keine eigene Kennung, ein anderes Konto fiele also nicht auf. Reparieren Sie ihn hier.',
    INVALID_INPUT: 'Das wurde so nicht angenommen.',
    WRONG_STEP: 'Das passt nicht zum jetzigen Schritt.',
    COMMITTING: 'Es wird schon gespeichert und lässt sich nicht mehr abbrechen. Gleich ist es fertig.',
    ALREADY_IN_PROGRESS: 'Für diesen Eintrag ist schon ein Formular offen. Schließen Sie erst jenes ab.',
    ENTRY_STATE: 'So, wie der Eintrag gerade steht, geht das nicht.',
    TOO_MANY_FLOWS: 'Es sind schon zu viele Formulare offen. Schließen Sie erst einige ab.',
    ATTEMPTS_EXHAUSTED: 'Zu viele Versuche wurden abgelehnt. Versuchen Sie es später noch einmal.',
    REVISION_CONFLICT: 'Der Eintrag wurde inzwischen geändert. Versuchen Sie es noch einmal.',
    STORE: 'Es ließ sich nicht speichern. Versuchen Sie es noch einmal.',
    STOPPED: 'Latchkey wurde beendet.',
    INTERNAL: 'Etwas Unerwartetes ist schiefgegangen. Es wurde protokolliert.',
  },
  created: (name) => `${name} ist verknüpft.`,
  stale: 'In einem anderen Fenster ging es inzwischen weiter. So steht es jetzt.',
  unreachable: 'Der Server ist nicht erreichbar. Versuchen Sie es gleich noch einmal.',
  failed: 'Das hat nicht geklappt.',
  attention: (count) => (count === 1 ? 'Ein Eintrag braucht Sie' : `${count} Einträge brauchen Sie`),
  wait: (seconds) => `${seconds} s warten`,
  back: 'Zurück',
  goTo: (name) => `Weiter bei ${name}`,
  codeEnds: (seconds) =>
    `Der Code gilt noch ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}.`,
  cancel: 'Abbrechen',
  close: 'Schließen',
  again: 'Noch einmal',
  repair: 'Reparieren',
  repairOf: (name) => `${name} reparieren`,
  noEntries: 'Noch ist nichts verknüpft.',
  loading: 'Wird geladen …',
  working: 'Wird erprobt …',
  showSecret: 'Eingabe anzeigen',
}
