import { Alert, Container, Stack, Text, Title } from '@mantine/core'
import type { Callback } from './callback.ts'
import { useLanguage } from './language.tsx'
import { Preferences } from './preferences.tsx'

/** What is shown to whoever has no key: how to come by one. */
export function LockedPage(props: {
  readonly reason: 'noToken' | 'expired'
  readonly callback: Callback | null
}) {
  const { reason, callback } = props
  const { say } = useLanguage()
  return (
    <Container size="sm" p="md" pt="xl" component="main">
      <Stack>
        <Title order={1} size="h2">
          {say(reason)}
        </Title>
        {callback !== null && (
          <Alert color="orange" role="alert">
            {say('elsewhere')}
          </Alert>
        )}
        <Text>{say(`${reason}Text`)}</Text>
        <Preferences />
      </Stack>
    </Container>
  )
}
