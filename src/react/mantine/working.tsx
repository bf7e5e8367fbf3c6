import { Box, Group, Loader, Text } from '@mantine/core'
import { useSlow } from './use-time.ts'

/** A busy indicator that appears after half a second. Screen readers announce it. */
export function Working(props: { readonly active: boolean; readonly text: string }) {
  const slow = useSlow(props.active)
  // The region is always present: screen readers ignore one that appears together with its text.
  return (
    <Box role="status">
      {slow && (
        <Group gap="xs" py="xs">
          <Loader size="sm" aria-hidden />
          <Text size="sm">{props.text}</Text>
        </Group>
      )}
    </Box>
  )
}
