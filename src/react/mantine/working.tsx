import { Box, Group, Loader, Text } from '@mantine/core'
import { useSlow } from './use-time.ts'

/** Says that something is going on, once it has taken half a second; screen readers hear it too. */
export function Working(props: { readonly active: boolean; readonly text: string }) {
  const slow = useSlow(props.active)
  // The region is there from the start: one that appears together with its text is not read out.
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
