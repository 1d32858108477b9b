/** The version that an agent's message begins with: `1.20.1 (v1.20.1-5e7d2f2c)`, followed by what is wrong, if anything is. */
export const versionIn = (message: string): string | undefined => /^v?(\d+\.\d+\.\d+[-+.\w]*)/.exec(message)?.[1];
