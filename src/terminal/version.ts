import packageJson from '../../package.json' with { type: 'json' };

export const version: string = packageJson.version;

/** One line: what a bug report needs. */
export const versionLine = (): string =>
  `kubectl-kpr ${version} (Node ${process.version}, ${process.platform}-${process.arch})`;
