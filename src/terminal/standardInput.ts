/** What the process is given to read. */
export const standardInput = (): NodeJS.ReadStream => process.stdin;
