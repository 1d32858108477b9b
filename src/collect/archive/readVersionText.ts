/** `/version` of the API server. */
export interface VersionDocument {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
}

const version = /v(\d+)\.(\d+)[\w.+-]*/;

/**
 * From `k8s-version-*.txt`: what Go prints of the server's version (`version.Info{Major:"1", …}`), or the output of
 * `kubectl version` that older collectors kept. undefined: neither.
 */
export function readVersionText(text: string): VersionDocument | undefined {
  const server = /Server Version:.*/i.exec(text)?.[0] ?? (/Client Version/i.test(text) ? undefined : text);
  const git =
    server === undefined ? undefined : (/GitVersion:"([^"]+)"/.exec(server)?.[1] ?? version.exec(server)?.[0]);
  const parts = git === undefined ? null : version.exec(git);
  if (git === undefined || parts === null) return undefined;
  return { major: parts[1] ?? '', minor: parts[2] ?? '', gitVersion: git };
}
