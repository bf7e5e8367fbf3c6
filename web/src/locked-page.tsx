import { Container, Stack, Text, Title } from '@mantine/core'
import { useLanguage } from './language.tsx'
import { Preferences } from './preferences.tsx'

/** What is shown to whoever has no key: how to come by one. */
export function LockedPage({ reason }: { readonly reason: 'noToken' | 'expired' }) {
  const { say } = useLanguage()
  return (
    <Container size="sm" p="md" pt="xl" component="main">
      <Stack>
        <Title order={1} size="h2">
          {say(reason)}
        </Title>
        <Text>{say(`${reason}Text`)}</Text>
        <Preferences />
      </Stack>
    </Container>
  )
}
