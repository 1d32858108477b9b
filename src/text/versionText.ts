/** One line: what a bug report needs. */
export const versionText = (name: string, version: string, node: string, platform: string): string =>
  `${name} ${version} (Node ${node}, ${platform})`;
