import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { ComponentTexts } from './use-texts.ts'

/** Asks whether the entered values are discarded. */
export function Discard(props: {
  readonly texts: ComponentTexts
  readonly onDiscard: () => void
  readonly onKeep: () => void
}) {
  const { t } = props.texts
  const keep = useRef<HTMLButtonElement>(null)
  useEffect(() => keep.current?.focus(), [])
  return (
    <>
      <div className="lk-body" role="alert">
        {t('discardTitle')}
      </div>
      <div className="lk-foot">
        <Button ref={keep} variant="default" onClick={props.onKeep}>
          {t('keepTyping')}
        </Button>
        <Button color="red" onClick={props.onDiscard}>
          {t('discard')}
        </Button>
      </div>
    </>
  )
}
