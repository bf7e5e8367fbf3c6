import { Code, List, Text } from '@mantine/core'
import { useLanguage } from './language.tsx'
import { transitionsFrom } from './transitions-from.ts'

/** Lists the transitions from a state, for small screens and screen readers. */
export function ChartTransitions({ picture, state }: { readonly picture: string; readonly state: string }) {
  const { t } = useLanguage()
  const transitions = transitionsFrom(picture, state)
  if (transitions.length === 0) return null
  return (
    <>
      <Text size="sm">{t('ways')}</Text>
      <List size="sm" mb="xs">
        {transitions.map(({ on, to }) => (
          <List.Item key={to}>
            {on.map((each) => (
              <Code key={each} mr={4}>
                {each}
              </Code>
            ))}{' '}
            → {to}
          </List.Item>
        ))}
      </List>
    </>
  )
}
