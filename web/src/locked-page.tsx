import { Alert, Container, Stack, Text, Title } from '@mantine/core'
import type { Callback } from './callback.ts'
import { useLanguage } from './language.tsx'
import { Preferences } from './top-bar.tsx'

/** Explains how to open the page if the token is missing or invalid. */
export function LockedPage(props: {
  readonly reason: 'noToken' | 'expired'
  readonly callback: Callback | null
}) {
  const { reason, callback } = props
  const { t } = useLanguage()
  return (
    <Container size="sm" p="md" pt="xl" component="main">
      <Stack>
        <Title order={1} size="h2">
          {t(reason)}
        </Title>
        {callback !== null && (
          <Alert color="orange" role="alert">
            {t('elsewhere')}
          </Alert>
        )}
        <Text>{t(`${reason}Text`)}</Text>
        <Preferences />
        <div id="menus" />
      </Stack>
    </Container>
  )
}
