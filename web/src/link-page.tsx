import { Alert, Button, Container, Group, Stack, Text, Title } from '@mantine/core'
import { useEffect, useMemo, useState } from 'react'
import { createClient, type OpenedLink } from '../../src/client/index.ts'
import { useFlow } from '../../src/react/index.ts'
import { errorText } from '../../src/react/mantine/error-text.ts'
import { FlowDialog } from '../../src/react/mantine/index.ts'
import { componentTexts } from '../../src/react/mantine/use-texts.ts'
import { Working } from '../../src/react/mantine/working.tsx'
import type { Callback } from './callback.ts'
import './dialogs.css'
import { ClientProvider } from './client-provider.tsx'
import { firstLanguage, useLanguage } from './language.tsx'
import { type Repair, storeRepair } from './repair-session.ts'
import { serverUrl } from './token.ts'
import { Preferences } from './top-bar.tsx'

/** The page of a repair link. It shows only the form of one repair. */
export function LinkPage(props: { readonly link: Repair | null; readonly callback: Callback | null }) {
  const { link, callback } = props
  const { t, language } = useLanguage()
  const [repair, setRepair] = useState(link !== null && 'session' in link ? link : null)
  const [error, setError] = useState<unknown>(null)
  const linkToken = link !== null && 'linkToken' in link ? link.linkToken : null
  useEffect(() => {
    if (linkToken === null) return
    let left = false
    const opened = createClient({ url: serverUrl(), token: () => '', language: firstLanguage() }).openLink(
      linkToken,
    )
    opened.then(
      (found) => {
        if (left) return
        storeRepair(found)
        setRepair(found)
      },
      (failure) => left || setError(failure),
    )
    return () => {
      left = true
    }
  }, [linkToken])

  return (
    <Container size="sm" p="md" pt="xl" component="main">
      <Stack>
        <Title order={1} size="h2">
          {t(error !== null || link === null ? 'linkBroken' : 'linkTitle')}
        </Title>
        {link === null && callback !== null && (
          <Alert color="orange" role="alert">
            {t('elsewhere')}
          </Alert>
        )}
        {error !== null && (
          <Alert color="red" role="alert">
            {errorText(componentTexts(language), error)}
          </Alert>
        )}
        <Working active={repair === null && error === null && link !== null} text={t('linkOpening')} />
        {repair !== null && <Opened repair={repair} callback={callback} />}
        <Preferences />
        <div id="menus" />
      </Stack>
    </Container>
  )
}

function Opened(props: { readonly repair: OpenedLink; readonly callback: Callback | null }) {
  const { repair } = props
  const client = useMemo(
    () => createClient({ url: serverUrl(), token: () => repair.session, language: firstLanguage() }),
    [repair],
  )
  return (
    <ClientProvider client={client}>
      <RepairForm {...props} />
    </ClientProvider>
  )
}

function RepairForm(props: { readonly repair: OpenedLink; readonly callback: Callback | null }) {
  const { repair } = props
  const { t, codeText } = useLanguage()
  const [callback, setCallback] = useState(props.callback)
  const { flowId } = repair.flow
  const { title: name } = repair.entry
  const [opened, setOpened] = useState(true)
  const { view } = useFlow(flowId)
  const done = view?.type === 'abort' && view.success
  return (
    <>
      <Text>{t('linkIntro', { name })}</Text>
      {!opened && <Text role="status">{done ? t('linkDone') : t('linkClosed')}</Text>}
      {!opened && !done && (
        <Group>
          <Button onClick={() => setOpened(true)}>{t('linkAgain')}</Button>
        </Group>
      )}
      <FlowDialog
        flowId={opened ? flowId : null}
        onClose={() => {
          setOpened(false)
          setCallback(null)
        }}
        notice={callback === null ? undefined : codeText(callback)}
      />
    </>
  )
}
