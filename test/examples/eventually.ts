/** Retries a check until it does not throw, for at most 60 seconds. */
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
