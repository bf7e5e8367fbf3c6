import { Alert, Box, Group, Loader } from '@mantine/core'
import { useClientState } from '../../src/react/index.ts'
import { useLanguage } from './language.tsx'

/** A banner while the connection to the server is lost. */
export function ConnectionBanner() {
  const { t } = useLanguage()
  const { connection } = useClientState()
  return (
    <Box role="status">
      {connection === 'lost' && (
        <Alert color="yellow" mb="md">
          <Group gap="xs">
            <Loader size="xs" aria-hidden />
            {t('lost')}
          </Group>
        </Alert>
      )}
    </Box>
  )
}
