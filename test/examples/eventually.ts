/** Tries until it no longer throws, for 60 s at most. */
export async function eventually(look: () => void | Promise<void>): Promise<void> {
  const until = Date.now() + 60_000
  for (;;) {
    try {
      return await look()
    } catch (error) {
      if (Date.now() > until) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
