/**
 * Awaits the start of a simulated service on its saved port.
 *
 * @throws Error with the next step if another program listens on the port, usually another home hub
 */
export async function listenAgain<Service>(
  name: string,
  port: number | undefined,
  start: Promise<Service>,
): Promise<Service> {
  try {
    return await start
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new Error(
      `Port ${port} of the simulated ${name} is in use, probably by npm start or npm run start:terminal with the same database. Stop it with Ctrl-C, or use another database: add -- --db other-hub.db`,
    )
  }
}
