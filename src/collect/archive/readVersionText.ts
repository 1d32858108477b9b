import { parseVersion } from '../../knowledge/version.ts';

/** `/version` of the API server. */
export interface VersionDocument {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
}

/**
 * From `k8s-version-*.txt`: what Go prints of the server's version (`version.Info{Major:"1", …}`), or the output of
 * `kubectl version` that older collectors kept. undefined: neither.
 */
export function readVersionText(text: string): VersionDocument | undefined {
  const server = /Server Version:.*/i.exec(text)?.[0] ?? (/Client Version/i.test(text) ? undefined : text);
  const git = /GitVersion:"([^"]+)"|\b(v\d[\w.+-]*)/.exec(server ?? '');
  const gitVersion = git?.[1] ?? git?.[2] ?? '';
  const version = parseVersion(gitVersion);
  return version && { major: `${version.major}`, minor: `${version.minor}`, gitVersion };
}
