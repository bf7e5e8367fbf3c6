import type { ReactNode } from 'react'
import { useLanguage } from './language.tsx'

/** A text for users without connections. `children` are its buttons. */
export function EmptyList({ children }: { readonly children: ReactNode }) {
  const { t } = useLanguage()
  return (
    <section className="card empty" aria-labelledby="empty-title">
      <svg width="176" height="64" viewBox="0 0 176 64" fill="none" aria-hidden="true">
        <path
          d="M50 32h76"
          stroke="var(--lk-primary)"
          strokeWidth="2.5"
          strokeDasharray="1 7"
          strokeLinecap="round"
        />
        <rect
          x="1"
          y="9"
          width="46"
          height="46"
          rx="13"
          fill="var(--lk-surface)"
          stroke="var(--lk-line-strong)"
          strokeWidth="2"
        />
        <rect
          x="129"
          y="9"
          width="46"
          height="46"
          rx="13"
          fill="var(--lk-surface)"
          stroke="var(--lk-line-strong)"
          strokeWidth="2"
        />
        <circle cx="88" cy="32" r="19" fill="var(--lk-primary)" stroke="var(--lk-surface)" strokeWidth="6" />
        <path
          d="M93 31.5a6 6 0 1 0-5.7-4.3L81 33.5V38h4.5v-3h2.5v-2.5l1.3-.8c1 .2 2.4.1 3.7-.2ZM94.5 25.5v.1"
          stroke="var(--lk-on-color)"
          strokeWidth="2.2"
          strokeLinecap="round"
          strokeLinejoin="round"
          transform="translate(-1 1)"
        />
        <path
          d="M17 32l7-7 7 7v8H17zM152 24v16M144 32h16"
          stroke="var(--lk-muted)"
          strokeWidth="2.2"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      <h2 id="empty-title">{t('emptyTitle')}</h2>
      <p>{t('emptyText')}</p>
      <div className="empty-actions">{children}</div>
    </section>
  )
}
