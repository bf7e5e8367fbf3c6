import { Code, List, Text } from '@mantine/core'
import { useLanguage } from './language.tsx'
import { waysFrom } from './ways-from.ts'

/** What leads on from a state, in words: a picture is small on a phone, and nothing to a screen reader. */
export function ChartWays({ picture, state }: { readonly picture: string; readonly state: string }) {
  const { t } = useLanguage()
  const ways = waysFrom(picture, state)
  if (ways.length === 0) return null
  return (
    <>
      <Text size="sm">{t('ways')}</Text>
      <List size="sm" mb="xs">
        {ways.map(({ on, to }) => (
          <List.Item key={to}>
            {on.map((each) => (
              <Code key={each} mr={4}>
                {each}
              </Code>
            ))}
            → {to}
          </List.Item>
        ))}
      </List>
    </>
  )
}
