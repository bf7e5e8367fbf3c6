import { Button, Loader, VisuallyHidden } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { lazy, Suspense, useEffect, useState } from 'react'
import type { DeviceView } from '../../view.ts'
import { CopyButton } from './copy-button.tsx'
import { copyText } from './copy-text.ts'
import { isAway } from './error-text.ts'
import { PHONE } from './flow-styles.ts'
import { Icon } from './icon.tsx'
import { StepFrame, type StepProps } from './step-frame.tsx'
import { useCountdown } from './use-time.ts'

const QrCode = lazy(() => import('./qr-code.tsx').then(({ QrCode }) => ({ default: QrCode })))

/** The remaining seconds at which a screen reader announces the time. */
const SAID: readonly number[] = [120, 30]

/** Polls while the step is shown. */
function usePolling({ view, flow }: StepProps<DeviceView>, isStuck: boolean): void {
  const { interval } = view
  const { poll } = flow
  useEffect(() => {
    if (isStuck) return
    let left = false
    let timer: ReturnType<typeof setTimeout>
    const pollAgain = (): void => {
      // Also after a failure: the next poll may succeed.
      void poll().then(() => {
        if (!left) timer = setTimeout(pollAgain, Math.max(interval, 1_000))
      })
    }
    timer = setTimeout(pollAgain, interval)
    return () => {
      left = true
      clearTimeout(timer)
    }
  }, [poll, interval, isStuck])
}

/** Whether the code replaces another one. */
function useRenewed(code: string | undefined): boolean {
  const [seen, setSeen] = useState({ code, renewed: false })
  if (code !== undefined && code !== seen.code) setSeen({ code, renewed: seen.code !== undefined })
  return seen.renewed
}

/** A step that waits until the user enters a code on another device. */
export function FlowDevice(props: StepProps<DeviceView>) {
  const { view, flow, texts } = props
  const { t } = texts
  const { userCode, verificationUri, verificationUriComplete, expiresAt } = view
  const isStuck = Object.keys(view.errors).length > 0
  usePolling(props, isStuck)
  const left = useCountdown(expiresAt === null ? 0 : Math.max(0, (expiresAt - Date.now()) / 1000), view)
  const renewed = useRenewed(userCode)
  const isPhone = useMediaQuery(PHONE, false, { getInitialValueInEffect: false })
  const [qrShown, setQrShown] = useState(false)
  const address = verificationUriComplete ?? verificationUri ?? ''
  const time = t('codeEnds', { time: minutesOf(left) })
  const said = SAID.includes(left) ? time : renewed ? t('newCode') : ''
  const qr = (
    <Suspense fallback={<div style={{ width: 148, height: 148 }} />}>
      <QrCode text={address} label={t('qrCode', { address: shortOf(address) })} />
    </Suspense>
  )
  const link = (
    <a className="lk-link" href={address} target="_blank" rel="noreferrer" style={{ fontSize: 'inherit' }}>
      {shortOf(verificationUri ?? '')}
    </a>
  )
  const isReady = userCode !== undefined && !isStuck
  return (
    <StepFrame
      {...props}
      {...(isReady && { isExplained: true })}
      focusOn={isReady}
      primary={() =>
        isStuck ? (
          <Button data-autofocus onClick={() => void flow.poll()}>
            {t('again')}
          </Button>
        ) : (
          isReady &&
          isPhone && (
            <>
              <Button variant="default" aria-expanded={qrShown} onClick={() => setQrShown(!qrShown)}>
                {t(qrShown ? 'hideQr' : 'showQr')}
              </Button>
              <Button
                component="a"
                href={address}
                target="_blank"
                rel="noreferrer"
                data-autofocus
                rightSection={<Icon name="outside" size={16} className="lk-flip" />}
                onClick={() => void copyText(userCode)}
              >
                {t('copyAndOpen')}
              </Button>
            </>
          )
        )
      }
    >
      {() => (
        <>
          {isReady && (
            <>
              <div className="lk-device">
                <ol>
                  <li>
                    {t(isPhone ? 'open' : 'scanOrOpen')} {link}
                  </li>
                  <li>{t('enterCode')}</li>
                  <li>{t('comeBack')}</li>
                </ol>
                {!isPhone && qr}
              </div>
              {isPhone && qrShown && <div style={{ justifySelf: 'center' }}>{qr}</div>}
              <div
                key={userCode}
                className="lk-code"
                role="img"
                aria-label={t('codeIs', { code: [...userCode].join(' ') })}
                data-testid="user-code"
              >
                {userCode}
              </div>
              <div className="lk-bar">
                <span className="lk-grow lk-muted">{time}</span>
                {!isPhone && (
                  <>
                    <CopyButton text={userCode} label={t('copyCode')} done={t('copied')} data-autofocus />
                    <Button
                      component="a"
                      href={address}
                      target="_blank"
                      rel="noreferrer"
                      variant="default"
                      size="xs"
                      rightSection={<Icon name="outside" size={15} className="lk-flip" />}
                    >
                      {t('openPage')}
                    </Button>
                  </>
                )}
              </div>
              <VisuallyHidden role="status">{said}</VisuallyHidden>
            </>
          )}
          {!isStuck && !isAway(flow.error) && (
            <div className="lk-bar lk-muted" role="status">
              <Loader size={14} aria-hidden /> {view.text}
            </div>
          )}
        </>
      )}
    </StepFrame>
  )
}

/** Formats seconds as `9:05`. */
const minutesOf = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`

/** An address without its scheme and its query, as people type it. */
const shortOf = (address: string): string => address.replace(/^https?:\/\//, '').replace(/\?.*$/, '')
