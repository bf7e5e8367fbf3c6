/** The mark of Latchkey. */
export function Mark({ size }: { readonly size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 28 28" aria-hidden="true" style={{ display: 'block' }}>
      <rect width="28" height="28" rx="8" fill="var(--lk-primary)" />
      <path
        d="M17 15.5a4.5 4.5 0 1 0-4.3-3.2L8 17v3.5h3.5V18h2v-2h1.2l.9-.6c.4.1.9.1 1.4.1ZM18 10.3v.1"
        fill="none"
        stroke="var(--lk-on-color)"
        strokeWidth="1.9"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
