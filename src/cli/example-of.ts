/** Returns the example in the help of a command. */
export const exampleOf = (command: string): string => `\nExample:\n  ${command}`
