import type { en } from './en.ts'
import { translationOf } from './translation.ts'

/** The standard texts in French. */
export const fr = translationOf<typeof en>()({
  flow_title: {
    user: 'Ajouter {service}',
    reauth: 'Reconnecter {name}',
    reconfigure: 'Modifier {name}',
    discovery: 'Ajouter {name}',
    import: 'Ajouter {service}',
    replace: 'Changer de compte pour {name}',
    options: 'Options pour {name}',
    subentry: 'Ajouter à {name} : {what}',
    subentry_change: 'Modifier {name}',
  },
  step: {
    reauth_confirm: {
      description:
        '{secret, select, none {Vos identifiants enregistrés ne fonctionnent plus. Saisissez-en de nouveaux, ils seront vérifiés} other {La valeur enregistrée pour « {secret} » ne fonctionne plus. Saisissez-en une nouvelle, elle sera vérifiée}} avant l’enregistrement.',
      requested:
        'Reconnectez-vous à {name}. Les identifiants actuels restent valables tant que les nouveaux n’ont pas fonctionné.',
      pending_expiration:
        'Les identifiants pour {name} expirent bientôt. Ils ne seront remplacés que lorsque les nouveaux fonctionneront.',
      wrong_account: 'Un autre compte a répondu pour {name}. Reconnectez-vous avec le compte {account}.',
    },
    discovery_confirm: {
      description:
        'Appareil trouvé à l’adresse {host}. Vérifiez les informations. La connexion sera testée avant l’enregistrement.',
    },
    reconfigure: {
      description: 'Les modifications seront testées avant l’enregistrement.',
      moved:
        'Un appareil de votre réseau se présente comme {name}. {secret, select, none {Vérifiez l’adresse : les identifiants enregistrés ne sont jamais envoyés à une nouvelle adresse} other {Saisissez à nouveau « {secret} » : la valeur enregistrée n’est jamais envoyée à une nouvelle adresse}}.',
    },
    repair_confirm: {
      description:
        '{name} est déjà dans vos connexions, mais ses identifiants ne fonctionnent plus. Voulez-vous les remplacer par ceux-ci ?',
    },
    account_confirm: {
      description:
        '{name} a été trouvé, mais ces identifiants appartiennent à {account}. Voulez-vous connecter {account} ?',
    },
    replace: {
      description:
        'Connectez-vous avec le compte qui doit remplacer {name}. Une confirmation vous sera demandée avant tout changement.',
    },
    replace_confirm: {
      description:
        'Les identifiants enregistrés pour {name} seront supprimés et la connexion s’appellera {account}. Ses options sont conservées.',
      menu_options: { replace: 'Passer à {account}', cancel: 'Annuler' },
    },
    challenge: { description: '{service} demande une information supplémentaire.' },
    pick_method: { description: 'Comment souhaitez-vous vous connecter ?' },
    authorize: {
      description: 'Vous allez vous connecter à {service}, puis revenir ici.',
      as: 'Connectez-vous avec le compte {account}.',
    },
    device: { description: 'Scannez le QR code ou ouvrez {host} et saisissez-y ce code.' },
  },
  submit: {
    next: 'Suivant',
    last: 'Enregistrer',
    user: 'Ajouter',
    reauth: 'Reconnecter',
  },
  error: {
    cannot_connect: 'Impossible de joindre {host}.',
    invalid_auth:
      '{service} a refusé {secret, select, none {ces identifiants} other {la valeur saisie pour « {secret} »}}.',
    timeout: '{service} a mis trop de temps à répondre.',
    rate_limited: 'Trop de tentatives.',
    unknown: '{message, select, none {Une erreur s’est produite.} other {{message}}}',
    setup_error:
      '{message, select, none {{service} ne peut pas être configuré avec ces informations.} other {{message}}}',
    wrong_account:
      '{found, select, none {Vous avez utilisé un autre compte.} other {Vous avez utilisé le compte {found}. Cette connexion appartient à {expected}.}}',
    cancelled: 'Rien n’a été modifié.',
    authorize_rejected: 'L’accès a été refusé chez {service}.',
    consent_required: '{service} exige l’accord d’un administrateur.',
    authorize_expired: 'La connexion a pris trop de temps. Recommencez.',
    authorize_failed: 'La connexion à {service} a échoué. Recommencez.',
    expired: 'L’opération a pris trop de temps. Recommencez la saisie.',
    code_expired: 'Ce code a expiré. Utilisez le nouveau.',
    no_options: 'Aucun choix n’est disponible. Revenez en arrière et vérifiez votre saisie.',
    reauth_required: 'Reconnectez d’abord {name}.',
    entry_not_loaded: 'La connexion à {name} n’est pas établie pour le moment. Réessayez quand elle le sera.',
    authorize_foreign: 'Cette connexion a été commencée dans un autre navigateur. Recommencez ici.',
    required: 'Remplissez ce champ.',
    enter_again: 'D’autres informations ont changé. Saisissez à nouveau cette valeur ou supprimez-la.',
    invalid_type:
      '{type, select, integer {Saisissez un nombre entier.} number {Saisissez un nombre.} boolean {Choisissez oui ou non.} other {Ce type de valeur ne convient pas ici.}}',
    too_small:
      '{type, select, string {Saisissez au moins {limit, plural, one {# caractère} other {# caractères}}.} number {Saisissez {limit} ou plus.} array {Choisissez-en au moins {limit}.} other {C’est trop court ou trop petit.}}',
    too_big:
      '{type, select, string {Saisissez au plus {limit, plural, one {# caractère} other {# caractères}}.} number {Saisissez {limit} ou moins.} array {Choisissez-en au plus {limit}.} other {C’est trop long ou trop grand.}}',
    invalid_format: '{example, select, none {Vérifiez le format.} other {Utilisez ce format : {example}.}}',
    invalid_value: 'Choisissez l’une des options.',
    no_list: 'La liste ne peut pas être chargée.',
    invalid_characters:
      'Cette valeur contient un caractère en trop, par exemple un espace, un guillemet ou un saut de ligne. Copiez-la à nouveau.',
    invalid_address: 'Saisissez un nom d’hôte ou une adresse IP, par exemple 192.168.1.2:8080.',
    address_has_credentials: 'N’indiquez ni nom d’utilisateur ni mot de passe dans l’adresse.',
    address_scheme: 'Ce type d’adresse n’est pas pris en charge.',
    invalid: 'Cette valeur n’est pas valide.',
  },
  advice: {
    cannot_connect: 'Vérifiez l’adresse, et que l’appareil est allumé et sur le même réseau.',
    invalid_auth: 'Vérifiez qu’il n’y a pas de faute de frappe, ou créez de nouveaux identifiants.',
    timeout: 'Réessayez dans un instant.',
    rate_limited:
      'Réessayez dans {minutes, plural, =0 {{seconds, plural, =0 {quelques instants} one {# seconde} other {# secondes}}} other {# minutes}}.',
    unknown:
      '{ref, select, none {Réessayez. Si le problème persiste, contactez votre administrateur.} other {Réessayez. Si le problème persiste, indiquez la référence {ref} à votre administrateur.}}',
    wrong_account:
      '{found, select, none {Rien n’a été modifié. Connectez-vous avec le compte de cette connexion.} other {Rien n’a été modifié. Connectez-vous avec le compte {expected}, ou associez cette connexion à {found}.}}',
    authorize_rejected: 'Recommencez et autorisez l’accès.',
    setup_error:
      '{message, select, none {Vérifiez vos informations, puis réessayez.} other {Réessayez une fois le problème résolu.}}',
    consent_required:
      'Demandez à l’administrateur de votre organisation d’approuver cette application, puis reconnectez-vous.',
  },
  abort: {
    already_configured:
      '{existing, select, none {Ce compte est déjà dans vos connexions.} other {{existing} est déjà dans vos connexions.}}',
    already_in_progress: 'L’opération s’est poursuivie dans une autre fenêtre.',
    reauth_successful: 'La connexion à {name} est rétablie.',
    reconfigure_successful: 'Modifications enregistrées.',
    replace_successful:
      '{account, select, none {Le compte a été changé.} other {La connexion utilise maintenant le compte {account}.}}',
    same_account: 'Ce compte est déjà utilisé. Pour vous reconnecter, choisissez « Reconnecter ».',
    options_successful: 'Options enregistrées.',
    entry_removed: 'La connexion {name} a été supprimée.',
    too_many_subentries: 'Vous ne pouvez plus rien ajouter ici.',
    entry_changed: 'Quelqu’un d’autre a modifié {name}. Ouvrez à nouveau cette connexion.',
    entry_disabled: 'La connexion {name} est désactivée. Activez-la d’abord.',
    flow_expired: 'Ce formulaire a expiré. Recommencez.',
    single_instance_allowed: '{service} ne peut être ajouté qu’une seule fois.',
    ignored: 'Ignoré. Cela ne vous sera plus proposé.',
    challenge_required: '{service} demande une information que seule une personne peut donner.',
    cancelled: 'Rien n’a été modifié.',
    wrong_account:
      '{found, select, none {Vous avez utilisé un autre compte.} other {Vous avez utilisé le compte {found}. Cette connexion appartient à {expected}.}}',
    unknown: '{message, select, none {Une erreur s’est produite.} other {{message}}}',
  },
  progress: {
    findingEntry: 'Un instant…',
    findingChoices: 'Chargement des choix…',
    checkingConnection: 'Vérification auprès de {host}…',
    findingAccount: 'Un instant…',
    noticingEntry: 'Un instant…',
    proposingAddress: 'Un instant…',
    keepingAddress: 'Un instant…',
    withdrawingProposal: 'Un instant…',
    followingAddress: 'Connexion…',
    findingSaved: 'Enregistrement…',
    ignoringAccount: 'Enregistrement…',
    creatingEntry: 'Enregistrement…',
    updatingEntry: 'Enregistrement…',
    savingOptions: 'Enregistrement…',
    findingSubentry: 'Un instant…',
    checkingSubentry: 'Vérification auprès de {host}…',
    savingSubentry: 'Enregistrement…',
    loadingSubentry: 'Connexion…',
    tryingEntry: 'Connexion…',
    rollingBack: 'La connexion a échoué. Rétablissement des paramètres précédents…',
    findingRestored: 'La connexion a échoué. Rétablissement des paramètres précédents…',
    reloadingEntry: 'Connexion…',
    beginningAuthorization: 'Ouverture de la page de connexion à {service}…',
    exchangingCode: 'Finalisation de la connexion…',
    claimingPoll: 'Un instant…',
    requestingCode: 'Demande d’un code…',
    pollingToken: 'En attente de votre connexion…',
  },
  create_entry: 'La connexion à {name} est établie.',
  create_subentry: 'Ajout effectué : {what}.',
  not_running: 'Enregistré, mais pas encore connecté : {state}.',
  attention: {
    invalid_auth:
      '{service} n’accepte plus {secret, select, none {les identifiants enregistrés} other {la valeur enregistrée pour « {secret} »}}.',
    requested: 'Une reconnexion a été demandée.',
    refresh_failed:
      'Le renouvellement des identifiants enregistrés échoue depuis un certain temps. Les tentatives se poursuivent automatiquement. Si cela ne suffit pas, reconnectez-vous.',
    client_refused:
      '{service} refuse cette application, les identifiants ne peuvent donc pas être renouvelés. Un administrateur doit vérifier l’identifiant client et le secret client.',
    wrong_account:
      '{found, select, none {Un autre compte répond à l’adresse {host}.} other {Un autre compte répond à l’adresse {host} : {found}.}}',
    setup_error:
      '{message, select, none {La configuration a échoué. Vérifiez les paramètres.} other {{message}}}',
    integration_missing: 'L’application ne contient plus ce dont cette connexion a besoin.',
    migration_error: 'Les données enregistrées n’ont pas pu être mises à jour. Rien n’a été perdu.',
    newer_version:
      'Les données ont été enregistrées par une version plus récente. Mettez à jour l’intégration {service}.',
    pending_expiration:
      '{when, select, none {Les identifiants expirent bientôt.} other {Les identifiants expirent le {when}.}}',
    identity_taken: 'C’est le même compte que pour {other}. Supprimez l’une des deux connexions.',
    address_changed:
      'Une nouvelle adresse a été signalée. Ne l’acceptez que si vous avez déplacé l’appareil ou modifié votre réseau.',
    unreadable: 'Les données enregistrées sont illisibles.',
    webhook_off:
      'Plus aucun événement n’est envoyé à {name}, car ils n’y étaient pas acceptés. Vérifiez le destinataire, puis réactivez le webhook.',
  },
  state: {
    not_loaded: 'Non connecté',
    migrating: 'Mise à jour…',
    setup_in_progress: 'Connexion…',
    loaded: 'Connecté',
    setup_retry: 'Nouvel essai prévu',
    setup_error: 'Échec de la configuration',
    reauth_required: 'Reconnexion requise',
    migration_error: 'Échec de la mise à jour',
    unload_in_progress: 'Déconnexion…',
    failed_unload: 'Échec de la déconnexion',
    quiet: 'Ne répond pas',
    ready: 'Prêt',
    disabled: 'Désactivé',
  },
})
